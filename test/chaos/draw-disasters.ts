import * as fc from 'fast-check';
import { between, drawAll, pick } from './draw';

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

const KILLS_PER_CALL = 0.024;
const FREEZES_PER_CALL = 0.018;

/** Whether it needs a call whose POST is under way. */
export function needsBait(kind: DisasterKind): boolean {
  return (
    kind === 'kill_busy_worker' || kind === 'freeze_busy_worker' || kind === 'kill_after_raise'
  );
}

/** Kills and freezes over the whole run, each kind by its own draws. */
export function drawDisasters(
  seeds: { readonly kills: number; readonly freezes: number },
  calls: number,
): readonly Disaster[] {
  const kills = spread(KILLS, killKind(), Math.ceil(calls * KILLS_PER_CALL), seeds.kills, calls);
  const freezes = spread(
    FREEZES,
    freezeKind(),
    Math.ceil(calls * FREEZES_PER_CALL),
    seeds.freezes,
    calls,
  );
  return [...kills, ...freezes].sort((a, b) => a.atCall - b.atCall);
}

// --- internal ---

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
