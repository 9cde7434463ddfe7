import * as fc from 'fast-check';
import { between, drawAll, pick } from './draw';

/** The kind of disaster. `busy`: hits the worker that waits for the answer to a POST. */
export type DisasterKind =
  | 'kill_worker'
  | 'kill_busy_worker'
  | 'kill_bridge'
  | 'kill_server'
  /** An operator raises the maximum attempts of a pending POST, and its worker is killed. */
  | 'kill_after_raise'
  | 'freeze_worker'
  | 'freeze_busy_worker'
  /** The worker freezes itself between the last question about this call and the first byte of its request. */
  | 'freeze_before_send';

export interface Disaster {
  /** Happens before the call of this index is started, or just after it if the kind needs that call. */
  readonly atCall: number;
  readonly kind: DisasterKind;
  /** Selects one of several processes. */
  readonly of: number;
  /** The duration of a freeze. */
  readonly forMs: number;
}

/** A variable of the calls before whose request a worker freezes itself. */
export const FREEZES = 'freezes before the send';
/** How long a worker freezes before its send: longer than Temporal waits for the activity. */
export const BEFORE_SEND_MS = 25_000;

const KILLS_PER_CALL = 0.024;
const FREEZES_PER_CALL = 0.018;

/** Whether it needs a call with a pending POST. */
export function needsSlowPost(kind: DisasterKind): boolean {
  return (
    kind === 'kill_busy_worker' || kind === 'freeze_busy_worker' || kind === 'kill_after_raise'
  );
}

/** Draws kills and freezes over the whole run, each kind with its own seed. */
export function drawDisasters(
  seeds: { readonly kills: number; readonly freezes: number },
  calls: number,
): readonly Disaster[] {
  const kills = spread(
    FIRST_KILLS,
    killKind(),
    Math.ceil(calls * KILLS_PER_CALL),
    seeds.kills,
    calls,
  );
  const freezes = spread(
    FIRST_FREEZES,
    freezeKind(),
    Math.ceil(calls * FREEZES_PER_CALL),
    seeds.freezes,
    calls,
  );
  return [...kills, ...freezes].sort((a, b) => a.atCall - b.atCall);
}

// --- internal ---

type Incident = Pick<Disaster, 'kind' | 'forMs'>;

/** Each of these comes once, even in a short run. */
const FIRST_KILLS: readonly Incident[] = (
  ['kill_busy_worker', 'kill_bridge', 'kill_server', 'kill_worker', 'kill_after_raise'] as const
).map((kind) => ({ kind, forMs: 0 }));

// Durations below the limit of a hand-over, near it, and beyond the timeout of an activity.
const FIRST_FREEZES: readonly Incident[] = [
  { kind: 'freeze_worker', forMs: 2_000 },
  { kind: 'freeze_busy_worker', forMs: 25_000 },
  { kind: 'freeze_worker', forMs: 24_000 },
  { kind: 'freeze_worker', forMs: 11_000 },
  { kind: 'freeze_before_send', forMs: BEFORE_SEND_MS },
];

function killKind(): fc.Arbitrary<Incident> {
  return pick<DisasterKind>(
    [45, 'kill_worker'],
    [20, 'kill_busy_worker'],
    [12, 'kill_bridge'],
    [12, 'kill_server'],
    [11, 'kill_after_raise'],
  ).map((kind) => ({ kind, forMs: 0 }));
}

function freezeKind(): fc.Arbitrary<Incident> {
  return fc.record({
    kind: pick<DisasterKind>(
      [60, 'freeze_worker'],
      [25, 'freeze_busy_worker'],
      [15, 'freeze_before_send'],
    ),
    forMs: pick<number>(
      [30, between(500, 5_000)],
      [20, between(8_000, 13_000)],
      [40, between(21_000, 30_000)],
      [10, between(45_000, 60_000)],
    ),
  });
}

/** Draws one disaster for each of equal parts of the run. */
function spread(
  first: readonly Incident[],
  more: fc.Arbitrary<Incident>,
  wanted: number,
  seed: number,
  calls: number,
): readonly Disaster[] {
  const count = Math.min(Math.max(wanted, first.length), calls);
  const places = drawAll(
    fc.record({ part: between(0, 999), of: between(0, 999), incident: more }),
    seed,
    count,
  );
  return places.map(({ part, of, incident }, index) => ({
    ...(first[index] ?? incident),
    of,
    atCall: Math.floor(((index + part / 1_000) * calls) / count),
  }));
}
