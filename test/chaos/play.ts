import { setTimeout as sleep } from 'node:timers/promises';
import type { CallScript } from '../../src/testing/simulator/script/script';
import { numberOf } from './conversation';
import { createCrowd, type PersonFacts } from './crowd';
import { createDisasters } from './disasters';
import { needsSlowPost, type Disaster } from './draw-disasters';
import { plansByPerson } from './draw-people';
import type { Conditions } from './draw-conditions';
import { CONNECTIONS_CLOSED, type Incident } from './facts';
import { followCall, type FollowedCall, type CallFacts } from './live';
import { withRetries } from './retries';
import { watchPhases } from './phases';
import type { Script } from './script';
import type { Stage } from './stage';
import { openLedger } from './vendor';

/** The maximum number of open calls, and its minimum for a short run. */
const MAX_OPEN = 125;
const MIN_OPEN = 30;
const PLANS_PER_REQUEST = 100;
const PEOPLE_PER_REQUEST = 20;
/** Stops after this many stuck calls. Each takes minutes, and more would add no information. */
const MAX_STUCK = 20;
const REPORT_MS = 5_000;
/** Late requests, and requests of processes that were frozen, are executed within this time. */
const LATE_MS = 4_000;

/** The dialect in which reads were answered from an instant on. */
export interface ReadDialect {
  readonly fromMs: number;
  readonly isData: boolean;
}

/** What happened, seen from outside the product. */
export interface Played {
  readonly facts: readonly CallFacts[];
  readonly incidents: readonly Incident[];
  readonly kills: number;
  readonly freezes: number;
  readonly dialects: readonly ReadDialect[];
  /** Empty without contact limits. */
  readonly people: readonly PersonFacts[];
}

export interface PlayOptions {
  /** No call is started after this instant. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** Called immediately if the attacker itself fails. */
  readonly onFailure: (error: unknown) => void;
}

/** Plays the whole script. Resolves when every started call has ended or is stuck. */
export async function play(script: Script, stage: Stage, options: PlayOptions): Promise<Played> {
  const players = createPlayers(script, stage, options.onFailure);
  const finished = new AbortController();
  const watching = watchPhases(stage.cluster, players.onPhase, finished.signal);
  const reporting = setInterval(() => options.log(players.progress()), REPORT_MS);
  try {
    for (const index of script.calls.keys()) {
      const isStopped = options.signal.aborted || Date.now() > options.untilMs;
      if (isStopped || players.stuck() >= MAX_STUCK) break;
      await players.prepare(index);
      players.start(index);
    }
    return await players.end();
  } finally {
    clearInterval(reporting);
    finished.abort();
    await watching;
  }
}

// --- internal ---

function createPlayers(script: Script, stage: Stage, onFailure: (error: unknown) => void) {
  const { cluster } = stage;
  const ledger = openLedger(cluster.ledgerFile);
  const disasters = createDisasters(stage, ledger);
  const crowd = createCrowd(cluster, script.people);
  const open = new Map<string, FollowedCall>();
  const followed: Promise<CallFacts>[] = [];
  const pending: Promise<void>[] = [];
  const dialects: ReadDialect[] = [];
  const most = Math.min(MAX_OPEN, Math.max(MIN_OPEN, Math.ceil(script.calls.length / 6)));
  let stuck = 0;

  const plan = (body: object) => withRetries(() => cluster.plan(body));
  const idOf = (index: number) => `call/chaos-${script.seed}-${index}`;
  const incidentsSince = (ms: number) => disasters.incidents.filter(({ untilMs }) => untilMs >= ms);

  async function change({ plan: changed, refuseMs }: Conditions): Promise<void> {
    await plan(changed);
    dialects.push({ fromMs: Date.now(), isData: readsData(changed.dialect) });
    if (refuseMs === 0) return;
    const refused = disasters.during(CONNECTIONS_CLOSED, async () => {
      await withRetries(() => cluster.control('refuse', { forMs: refuseMs }));
      await sleep(refuseMs);
    });
    refused.catch(onFailure);
    pending.push(refused);
  }

  function causeDisasters(index: number, matches: (kind: Disaster['kind']) => boolean): void {
    for (const disaster of script.disasters) {
      if (disaster.atCall !== index || !matches(disaster.kind)) continue;
      const caused = disasters.cause(disaster, idOf(index));
      caused.catch(onFailure);
      pending.push(caused);
    }
  }

  return {
    stuck: () => stuck,
    onPhase: (workflowId: string, phase: string) => open.get(workflowId)?.onPhase(phase),

    progress(): string {
      const { kills, freezes } = disasters.counts;
      const started = `${followed.length} of ${script.calls.length} started, ${open.size} open`;
      return `${started}, ${kills} kills, ${freezes} freezes`;
    },

    /** Applies the simulator settings for this call, and waits until another call may be open. */
    async prepare(index: number): Promise<void> {
      if (script.people !== undefined && index === 0) {
        for (const numbers of plansOfPeople(script)) await plan({ numbers });
      } else if (script.people === undefined && index % PLANS_PER_REQUEST === 0) {
        await plan({ numbers: plansFrom(script, index) });
      }
      const conditions = script.conditions.find(({ fromCall }) => fromCall === index);
      if (conditions !== undefined) await change(conditions);
      while (open.size >= most) await Promise.race([...open.values()].map(({ facts }) => facts));
    },

    start(index: number): void {
      const drawn = script.calls[index];
      if (drawn === undefined) return;
      causeDisasters(index, (kind) => !needsSlowPost(kind));
      crowd.actAt(index, onFailure);
      const call = followCall(
        stage,
        ledger,
        { index, drawn, workflowId: idOf(index) },
        incidentsSince,
      );
      open.set(call.workflowId, call);
      const facts = call.facts.finally(() => open.delete(call.workflowId));
      facts.then(({ openAtMs }) => (stuck += openAtMs === undefined ? 0 : 1), onFailure);
      followed.push(facts);
      causeDisasters(index, needsSlowPost);
    },

    async end(): Promise<Played> {
      await plan({ list: {}, outages: [] });
      const facts = await Promise.all(followed);
      await Promise.all(pending);
      await disasters.continued();
      await sleep(LATE_MS);
      const people = await crowd.end();
      return { facts, incidents: disasters.incidents, ...disasters.counts, dialects, people };
    },
  };
}

function plansFrom(script: Script, index: number): Record<string, CallScript[]> {
  const calls = script.calls.slice(index, index + PLANS_PER_REQUEST);
  return Object.fromEntries(calls.map(({ posts }, place) => [numberOf(index + place), [...posts]]));
}

/** The plans of all people, in several requests. */
function plansOfPeople({ calls }: Script): readonly Record<string, readonly CallScript[]>[] {
  const plans = [...plansByPerson(calls)];
  const requests = Math.ceil(plans.length / PEOPLE_PER_REQUEST);
  return Array.from({ length: requests }, (_, request) =>
    Object.fromEntries(
      plans
        .slice(request * PEOPLE_PER_REQUEST, (request + 1) * PEOPLE_PER_REQUEST)
        .map(([person, posts]) => [numberOf(person), posts]),
    ),
  );
}

function readsData(dialect: Conditions['plan']['dialect']): boolean {
  return dialect === 'data' || (typeof dialect === 'object' && dialect.read === 'data');
}
