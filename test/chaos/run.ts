import type { Case, Violation } from './facts';
import { judge, unknownsIn } from './judge';
import { play, type Played, type PlayOptions } from './play';
import type { Script } from './script';
import { setStage, type Stage } from './stage';
import { seenBy, type Seen } from './vendor';
import { judgedPeople, withSharedPlans, type PeopleOutcome } from './run-people';

/** A disaster that ended this long before a call can still affect it. */
const AFTERMATH_MS = 20_000;

export interface Judged {
  readonly facts: Case;
  readonly violations: readonly Violation[];
}

export interface Outcome {
  readonly calls: number;
  readonly kills: number;
  readonly freezes: number;
  readonly unknown: number;
  readonly skew: 'library' | 'process';
  readonly seconds: number;
  /** Calls that break a promise. */
  readonly broken: readonly Judged[];
  /** Absent without contact limits. */
  readonly people?: PeopleOutcome;
}

/** Plays the script on its own processes, and judges every call. Always stops the processes. */
export async function run(
  script: Script,
  options: Omit<PlayOptions, 'onFailure'>,
): Promise<Outcome> {
  const { log, signal } = options;
  const startedMs = Date.now();
  const stage = await setStage(script, { signal, log });
  const { skew } = stage.fleet;
  if (skew === 'process')
    log('libfaketime is missing: only the JavaScript of a worker has a skewed clock');
  try {
    const broken = new AbortController();
    const onFailure = (error: unknown) => broken.abort(error);
    const verdict = judged(script, stage, { ...options, onFailure });
    const found = await Promise.race([verdict, aborted(AbortSignal.any([signal, broken.signal]))]);
    return { ...found, skew, seconds: Math.round((Date.now() - startedMs) / 1_000) };
  } finally {
    await stage.stop();
  }
}

// --- internal ---

async function judged(script: Script, stage: Stage, options: PlayOptions) {
  const played = await play(script, stage, options);
  const seen = await seenBy(stage.cluster);
  const found = played.facts.map((facts) => toCase(facts, played, seen(facts.workflowId)));
  const cases = script.people === undefined ? found : withSharedPlans(found, script.calls);
  return {
    ...(script.people !== undefined && { people: judgedPeople(script.people, cases, played) }),
    calls: cases.length,
    kills: played.kills,
    freezes: played.freezes,
    unknown: cases.reduce((sum, facts) => sum + unknownsIn(facts), 0),
    broken: cases
      .map((facts) => ({ facts, violations: judge(facts) }))
      .filter(({ violations }) => violations.length > 0),
  };
}

function toCase(facts: Played['facts'][number], { incidents, dialects }: Played, seen: Seen): Case {
  const { startedMs, openAtMs, runEnds } = facts;
  const endMs = openAtMs ?? runEnds.at(-1)?.closedMs ?? Date.now();
  return {
    ...facts,
    ...seen,
    incidents: incidents.filter(
      ({ atMs, untilMs }) => atMs <= endMs && untilMs >= startedMs - AFTERMATH_MS,
    ),
    isDataRead: dialects.some(
      ({ isData, fromMs }, place) =>
        isData && fromMs <= endMs && (dialects[place + 1]?.fromMs ?? Infinity) >= startedMs,
    ),
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}
