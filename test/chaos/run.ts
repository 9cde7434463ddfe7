import { setTimeout as sleep } from 'node:timers/promises';
import type { Plan } from '../../src/simulator/plan';
import { numberOf } from './conversation';
import { createDisasters } from './disasters';
import type { Case, Violation } from './facts';
import { judge, unknownsIn } from './judge';
import { live, type Life, type Lived } from './live';
import { patiently } from './patience';
import { needsBait, type Disaster, type Script } from './script';
import { setStage, type Stage } from './stage';
import { openLedger, seenBy } from './vendor';

/** How many are open at once: in all, and of a small run. */
const MOST_OPEN = 125;
const LEAST_OPEN = 30;
const PLANS_AT_ONCE = 100;
const WATCH_MS = 400;
const SAY_MS = 5_000;
/** A request that is carried out late, or leaves a process that was frozen, does so within this. */
const LATE_MS = 4_000;

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
  /** Those that break a promise. */
  readonly broken: readonly Judged[];
}

export interface RunOptions {
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Plays the script on a stage of its own, and judges every call of it. Whatever happens, the stage is cleared. */
export async function run(script: Script, options: RunOptions): Promise<Outcome> {
  const startedMs = Date.now();
  const stage = await setStage(script, options.signal);
  try {
    const failure = deferred();
    const played = await Promise.race([
      play(script, stage, { ...options, onFailure: failure.reject }),
      failure.promise,
      aborted(options.signal),
    ]);
    return { ...played, seconds: Math.round((Date.now() - startedMs) / 1_000) };
  } finally {
    await stage.stop();
  }
}

// --- internal ---

interface PlayOptions extends RunOptions {
  /** Told what broke in the tool itself, at once: nobody awaits it before the end. */
  readonly onFailure: (error: unknown) => void;
}

async function play(script: Script, stage: Stage, options: PlayOptions) {
  const { untilMs, signal, say, onFailure } = options;
  const { cluster, fleet } = stage;
  if (fleet.skew === 'process')
    say('libfaketime is missing: only the JavaScript of workers sees a skewed clock');
  const ledger = openLedger(cluster.ledgerFile);
  const disasters = createDisasters(stage);
  const open = new Map<string, Life>();
  const lives: Promise<Lived>[] = [];
  const strikes: Promise<void>[] = [];
  const reads: { readonly fromMs: number; readonly isData: boolean }[] = [];
  const most = Math.min(MOST_OPEN, Math.max(LEAST_OPEN, Math.ceil(script.calls.length / 6)));
  const over = new AbortController();
  const watching = watchPhases(stage, open, over.signal);
  const talking = setInterval(() => {
    const { kills, freezes } = disasters.counts;
    say(
      `${lives.length} of ${script.calls.length} started, ${open.size} open, ${kills} kills, ${freezes} freezes`,
    );
  }, SAY_MS);
  const plan = (body: object) => patiently(() => cluster.plan(body));
  const idOf = (index: number) => `call/chaos-${script.seed}-${index}`;
  const strike = (one: Disaster, index: number) => {
    const struck = disasters.strike(one, idOf(index));
    struck.catch(onFailure);
    strikes.push(struck);
  };
  const blowsSince = (ms: number) => disasters.blows.filter((blow) => blow.untilMs >= ms);

  try {
    for (const [index, drawn] of script.calls.entries()) {
      if (signal.aborted || Date.now() > untilMs) break;
      if (index % PLANS_AT_ONCE === 0) await plan({ numbers: plansFrom(script, index) });
      for (const weather of script.weather.filter(({ fromCall }) => fromCall === index)) {
        await plan(weather.plan);
        reads.push({ fromMs: Date.now(), isData: readsData(weather.plan.dialect) });
        if (weather.refuseMs > 0)
          await patiently(() => cluster.control('refuse', { forMs: weather.refuseMs }));
      }
      while (open.size >= most) await Promise.race([...open.values()].map(({ lived }) => lived));
      const now = script.disasters.filter(({ atCall }) => atCall === index);
      for (const one of now.filter(({ kind }) => !needsBait(kind))) strike(one, index);
      const life = live(stage, ledger, { index, drawn, workflowId: idOf(index) }, blowsSince);
      open.set(life.workflowId, life);
      const lived = life.lived.finally(() => open.delete(life.workflowId));
      lived.catch(onFailure);
      lives.push(lived);
      for (const one of now.filter(({ kind }) => needsBait(kind))) strike(one, index);
    }
    await plan({ list: {}, outages: [] });
    const lived = await Promise.all(lives);
    await Promise.all(strikes);
    await sleep(LATE_MS);
    const seen = await seenBy(cluster);
    const judged = lived.map((one) => {
      const endMs = one.openAtMs ?? one.endings.at(-1)?.closedMs ?? Date.now();
      const facts: Case = {
        ...one,
        ...seen(one.workflowId),
        blows: blowsSince(one.startedMs - 20_000).filter(({ atMs }) => atMs <= endMs),
        isDataRead: reads.some(
          ({ isData, fromMs }, place) =>
            isData && fromMs <= endMs && (reads[place + 1]?.fromMs ?? Infinity) >= one.startedMs,
        ),
      };
      return { facts, violations: judge(facts) };
    });
    return {
      calls: lives.length,
      ...disasters.counts,
      unknown: judged.reduce((sum, { facts }) => sum + unknownsIn(facts), 0),
      skew: fleet.skew,
      broken: judged.filter(({ violations }) => violations.length > 0),
    };
  } finally {
    clearInterval(talking);
    over.abort();
    await watching;
  }
}

function plansFrom(script: Script, index: number): Record<string, Plan[]> {
  const calls = script.calls.slice(index, index + PLANS_AT_ONCE);
  return Object.fromEntries(calls.map(({ posts }, place) => [numberOf(index + place), [...posts]]));
}

function readsData(dialect: Script['weather'][number]['plan']['dialect']): boolean {
  return dialect === 'data' || (typeof dialect === 'object' && dialect.read === 'data');
}

/** Tells the open calls their phases, all by one list: a query each would keep the workers busy. */
async function watchPhases(
  { cluster }: Stage,
  open: Map<string, Life>,
  signal: AbortSignal,
): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND TruedyPhase IN ('unclear', 'waiting', 'redial_wait', 'held')`;
  while (!signal.aborted) {
    try {
      for await (const { workflowId, searchAttributes } of cluster.client.workflow.list({
        query,
      })) {
        const [phase] = searchAttributes['TruedyPhase'] ?? [];
        if (typeof phase === 'string') open.get(workflowId)?.onPhase(phase);
      }
    } catch {
      // The server is away for a moment.
    }
    await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
}

function deferred() {
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => (reject = fail));
  promise.catch(() => undefined);
  return { promise, reject };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error('interrupted'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
}
