import { setTimeout as sleep } from 'node:timers/promises';
import type { CallScript } from '../../src/testing/simulator/script/script';
import { numberOf } from './conversation';
import { createDisasters } from './disasters';
import { needsBait, type Disaster } from './draw-disasters';
import type { Weather } from './draw-weather';
import type { Blow } from './facts';
import { live, type Life, type Lived } from './live';
import { patiently } from './patience';
import { watchPhases } from './phases';
import type { Script } from './script';
import type { Stage } from './stage';
import { openLedger } from './vendor';

/** How many are open at once: in all, and of a small run. */
const MOST_OPEN = 125;
const LEAST_OPEN = 30;
const PLANS_AT_ONCE = 100;
/** Where so many hang, more would tell nothing new, each after minutes. */
const MOST_STUCK = 20;
const SAY_MS = 5_000;
/** A request that is carried out late, or leaves a process that was frozen, does so within this. */
const LATE_MS = 4_000;

/** From when on reads were answered in which dialect. */
export interface ReadDialect {
  readonly fromMs: number;
  readonly isData: boolean;
}

/** What happened, as seen from the outside of the product. */
export interface Played {
  readonly lived: readonly Lived[];
  readonly blows: readonly Blow[];
  readonly kills: number;
  readonly freezes: number;
  readonly dialects: readonly ReadDialect[];
}

export interface PlayOptions {
  /** No call is started after this instant. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Told at once what broke in the attacker itself. */
  readonly onFailure: (error: unknown) => void;
}

/** Plays the script to its end: every call that was started has ended, or hangs. */
export async function play(script: Script, stage: Stage, options: PlayOptions): Promise<Played> {
  const players = createPlayers(script, stage, options.onFailure);
  const over = new AbortController();
  const watching = watchPhases(stage.cluster, players.tell, over.signal);
  const talking = setInterval(() => options.say(players.progress()), SAY_MS);
  try {
    for (const index of script.calls.keys()) {
      const isOver = options.signal.aborted || Date.now() > options.untilMs;
      if (isOver || players.stuck() >= MOST_STUCK) break;
      await players.prepare(index);
      players.start(index);
    }
    return await players.end();
  } finally {
    clearInterval(talking);
    over.abort();
    await watching;
  }
}

// --- internal ---

function createPlayers(script: Script, stage: Stage, onFailure: (error: unknown) => void) {
  const { cluster } = stage;
  const ledger = openLedger(cluster.ledgerFile);
  const disasters = createDisasters(stage);
  const open = new Map<string, Life>();
  const lives: Promise<Lived>[] = [];
  const strikes: Promise<void>[] = [];
  const dialects: ReadDialect[] = [];
  const most = Math.min(MOST_OPEN, Math.max(LEAST_OPEN, Math.ceil(script.calls.length / 6)));
  let stuck = 0;

  const plan = (body: object) => patiently(() => cluster.plan(body));
  const idOf = (index: number) => `call/chaos-${script.seed}-${index}`;
  const blowsSince = (ms: number) => disasters.blows.filter(({ untilMs }) => untilMs >= ms);

  async function change({ plan: changed, refuseMs }: Weather): Promise<void> {
    await plan(changed);
    dialects.push({ fromMs: Date.now(), isData: readsData(changed.dialect) });
    if (refuseMs > 0) await patiently(() => cluster.control('refuse', { forMs: refuseMs }));
  }

  function strike(index: number, isWanted: (kind: Disaster['kind']) => boolean): void {
    for (const one of script.disasters) {
      if (one.atCall !== index || !isWanted(one.kind)) continue;
      const struck = disasters.strike(one, idOf(index));
      struck.catch(onFailure);
      strikes.push(struck);
    }
  }

  return {
    stuck: () => stuck,
    tell: (workflowId: string, phase: string) => open.get(workflowId)?.onPhase(phase),

    progress(): string {
      const { kills, freezes } = disasters.counts;
      const started = `${lives.length} of ${script.calls.length} started, ${open.size} open`;
      return `${started}, ${kills} kills, ${freezes} freezes`;
    },

    /** The vendor as it is for this call, and room for it. */
    async prepare(index: number): Promise<void> {
      if (index % PLANS_AT_ONCE === 0) await plan({ numbers: plansFrom(script, index) });
      const weather = script.weather.find(({ fromCall }) => fromCall === index);
      if (weather !== undefined) await change(weather);
      while (open.size >= most) await Promise.race([...open.values()].map(({ lived }) => lived));
    },

    start(index: number): void {
      const drawn = script.calls[index];
      if (drawn === undefined) return;
      strike(index, (kind) => !needsBait(kind));
      const life = live(stage, ledger, { index, drawn, workflowId: idOf(index) }, blowsSince);
      open.set(life.workflowId, life);
      const lived = life.lived.finally(() => open.delete(life.workflowId));
      lived.then(({ openAtMs }) => (stuck += openAtMs === undefined ? 0 : 1), onFailure);
      lives.push(lived);
      strike(index, needsBait);
    },

    async end(): Promise<Played> {
      await plan({ list: {}, outages: [] });
      const lived = await Promise.all(lives);
      await Promise.all(strikes);
      await sleep(LATE_MS);
      return { lived, blows: disasters.blows, ...disasters.counts, dialects };
    },
  };
}

function plansFrom(script: Script, index: number): Record<string, CallScript[]> {
  const calls = script.calls.slice(index, index + PLANS_AT_ONCE);
  return Object.fromEntries(calls.map(({ posts }, place) => [numberOf(index + place), [...posts]]));
}

function readsData(dialect: Weather['plan']['dialect']): boolean {
  return dialect === 'data' || (typeof dialect === 'object' && dialect.read === 'data');
}
