import * as fc from 'fast-check';
import type { PlanRequest } from '../../src/simulator/plan';
import { between, drawAll, pick } from './draw';
import { drawnCall, type DrawnCall } from './draw-call';
import { BAIT } from './draw-plan';

/** What breaks. `busy`: the worker that just then awaits the answer to a POST. */
export type DisasterKind =
  | 'kill_worker'
  | 'kill_busy_worker'
  | 'kill_bridge'
  | 'kill_server'
  /** An operator raises the attempts of a POST that is under way, and its worker dies. */
  | 'kill_after_raise'
  | 'freeze_worker'
  | 'freeze_busy_worker';

export interface Disaster {
  /** Before the call of this index is started, or just after where a `busy` one needs that call. */
  readonly atCall: number;
  readonly kind: DisasterKind;
  /** Which of several. */
  readonly of: number;
  /** Of a freeze. */
  readonly forMs: number;
}

/** How the vendor is as a whole from one call on. */
export interface Weather {
  readonly fromCall: number;
  readonly plan: PlanRequest;
  /** How long it refuses connections, from the first call on. */
  readonly refuseMs: number;
}

/** All that will happen, decided before anything does: the same seed is the same script. */
export interface Script {
  readonly seed: number;
  readonly calls: readonly DrawnCall[];
  readonly disasters: readonly Disaster[];
  readonly weather: readonly Weather[];
  /** How far the clock of the n-th worker is from the server's, in milliseconds. */
  skewOf(worker: number): number;
}

const KILLS_PER_CALL = 0.024;
const FREEZES_PER_CALL = 0.012;
const CALLS_PER_WEATHER = 40;
const MOST_SKEW_MS = 4_500;
const MOST_WORKERS = 2_000;

/** The draws of each kind have a seed of their own, so that more of one kind changes no other. */
const SEEDS = { kills: 0x1111, freezes: 0x2222, weather: 0x3333, skew: 0x4444 } as const;

export function drawScript({
  calls: count,
  seed,
}: {
  readonly calls: number;
  readonly seed: number;
}): Script {
  const disasters = drawDisasters(seed, count);
  const baits = new Set(
    disasters.filter(({ kind }) => needsBait(kind)).map(({ atCall }) => atCall),
  );
  const calls = drawAll(drawnCall, seed, count).map((call, index) =>
    baits.has(index) ? baited(call) : call,
  );
  const skews = drawAll(
    pick<number>([1, 0], [2, between(-MOST_SKEW_MS, MOST_SKEW_MS)]),
    seed ^ SEEDS.skew,
    MOST_WORKERS,
  );
  return {
    seed,
    calls,
    disasters,
    weather: drawWeather(seed, count),
    skewOf: (worker) => skews[worker % MOST_WORKERS] ?? 0,
  };
}

export function needsBait(kind: DisasterKind): boolean {
  return (
    kind === 'kill_busy_worker' || kind === 'freeze_busy_worker' || kind === 'kill_after_raise'
  );
}

// --- internal ---

/** A call whose POST is under way for long, and which nothing but the disaster happens to. */
function baited(call: DrawnCall): DrawnCall {
  return {
    ...call,
    posts: [BAIT, ...call.posts.slice(1)],
    call: { ...call.call, agent_id: 'agent_1' },
    isInvalid: false,
    notBeforeAfterMs: undefined,
    expiresAfterMs: undefined,
    acts: [],
  };
}

function drawDisasters(seed: number, calls: number): readonly Disaster[] {
  const kills = spread(
    KILLS,
    killKind(),
    Math.ceil(calls * KILLS_PER_CALL),
    seed ^ SEEDS.kills,
    calls,
  );
  const freezes = spread(
    FREEZES,
    freezeKind(),
    Math.ceil(calls * FREEZES_PER_CALL),
    seed ^ SEEDS.freezes,
    calls,
  );
  return [...kills, ...freezes].sort((a, b) => a.atCall - b.atCall);
}

type Blow = Pick<Disaster, 'kind' | 'forMs'>;

/** However few calls, each of these comes once. */
const KILLS: readonly Blow[] = (
  ['kill_busy_worker', 'kill_bridge', 'kill_server', 'kill_worker', 'kill_after_raise'] as const
).map((kind) => ({ kind, forMs: 0 }));

// Under the limit of a hand-over, near it, and past the time after which the server gives an activity up.
const FREEZES: readonly Blow[] = [
  { kind: 'freeze_worker', forMs: 2_000 },
  { kind: 'freeze_busy_worker', forMs: 25_000 },
  { kind: 'freeze_worker', forMs: 24_000 },
  { kind: 'freeze_worker', forMs: 11_000 },
];

function killKind(): fc.Arbitrary<Blow> {
  return pick<DisasterKind>(
    [45, 'kill_worker'],
    [20, 'kill_busy_worker'],
    [12, 'kill_bridge'],
    [12, 'kill_server'],
    [11, 'kill_after_raise'],
  ).map((kind) => ({ kind, forMs: 0 }));
}

function freezeKind(): fc.Arbitrary<Blow> {
  return fc.record({
    kind: pick<DisasterKind>([70, 'freeze_worker'], [30, 'freeze_busy_worker']),
    forMs: pick<number>(
      [30, between(500, 5_000)],
      [20, between(8_000, 13_000)],
      [40, between(21_000, 30_000)],
      [10, between(45_000, 60_000)],
    ),
  });
}

/** One in each of equal parts of the run. */
function spread(
  first: readonly Blow[],
  more: fc.Arbitrary<Blow>,
  wanted: number,
  seed: number,
  calls: number,
): readonly Disaster[] {
  const count = Math.min(Math.max(wanted, first.length), calls);
  const places = drawAll(
    fc.record({ part: between(0, 999), of: between(0, 999), blow: more }),
    seed,
    count,
  );
  return places.map(({ part, of, blow }, index) => ({
    ...(first[index] ?? blow),
    of,
    atCall: Math.floor(((index + part / 1_000) * calls) / count),
  }));
}

function drawWeather(seed: number, calls: number): readonly Weather[] {
  const count = Math.ceil(calls / CALLS_PER_WEATHER);
  return drawAll(weather(), seed ^ SEEDS.weather, count).map((drawn, index) => ({
    ...drawn,
    fromCall: index * CALLS_PER_WEATHER,
  }));
}

function weather(): fc.Arbitrary<Omit<Weather, 'fromCall'>> {
  const dialect = fc.constantFrom('guide' as const, 'data' as const);
  return fc
    .record({
      dialect: fc.record({ post: dialect, read: dialect, list: dialect }),
      list: listing(),
      outage: outage(),
      refuseMs: pick<number>([90, 0], [10, between(300, 1_500)]),
    })
    .map(({ dialect, list, outage, refuseMs }) => ({
      plan: { dialect, list, outages: outage },
      refuseMs,
    }));
}

function listing(): fc.Arbitrary<NonNullable<PlanRequest['list']>> {
  return pick<NonNullable<PlanRequest['list']>>(
    [55, {}],
    [10, { pageCap: 60 }],
    [10, { lagMs: 1_500 }],
    [8, { inserts: true }],
    [8, { fail: { status: 500, page: 2, times: 3 } }],
    [5, { fail: { status: 429, times: 4 } }],
    [4, { slowMs: 500 }],
  );
}

/** Statuses that no single plan has, so that a POST which met an outage can be told. */
function outage(): fc.Arbitrary<NonNullable<PlanRequest['outages']>> {
  const forMs = between(300, 2_000);
  return pick<NonNullable<PlanRequest['outages']>>(
    [75, []],
    [
      8,
      forMs.map((ms) => [{ on: ['post'], fromMs: 0, forMs: ms, status: 429, resetAfterMs: 500 }]),
    ],
    [5, forMs.map((ms) => [{ on: ['post'], fromMs: 0, forMs: ms, status: 503 }])],
    [6, forMs.map((ms) => [{ on: ['read', 'list'], fromMs: 0, forMs: ms, status: 503 }])],
    [
      6,
      forMs.map((ms) => [
        { on: ['post', 'read', 'list'], fromMs: 0, forMs: ms, status: 429, resetAfterMs: 800 },
      ]),
    ],
  );
}
