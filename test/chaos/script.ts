import type * as fc from 'fast-check';
import { between, drawAll, pick } from './draw';
import { drawnCall, type DrawnCall } from './draw-call';
import { drawDisasters, FREEZES, needsSlowPost, type Disaster } from './draw-disasters';
import { SLOW_POST } from './draw-plan';
import { drawConditions, type Conditions } from './draw-conditions';
import { drawPeople, withPeople, type DrawnPeople } from './draw-people';

/** Everything that will happen, drawn before the start. The same seed draws the same script. */
export interface Script {
  readonly seed: number;
  readonly calls: readonly DrawnCall[];
  readonly disasters: readonly Disaster[];
  readonly conditions: readonly Conditions[];
  /** Absent without contact limits. */
  readonly people?: DrawnPeople;
  /** The offset of the n-th worker's clock from the server's, in milliseconds. */
  skewOf(worker: number): number;
}

const MAX_SKEW_MS = 4_500;
/** The smallest offset in a fleet whose clocks are all on one side. */
const MIN_SKEW_MS = 2_000;
const MAX_WORKERS = 2_000;

/** Each kind of draw has its own seed, so that more draws of one kind do not change the others. */
const SEEDS = { kills: 0x1111, freezes: 0x2222, conditions: 0x3333, skew: 0x4444 } as const;

export function drawScript({
  calls: count,
  seed,
  people,
}: {
  readonly calls: number;
  readonly seed: number;
  /** How many people are called. Default: each call is for another person. */
  readonly people?: number;
}): Script {
  const disasters = drawDisasters(
    { kills: seed ^ SEEDS.kills, freezes: seed ^ SEEDS.freezes },
    count,
  );
  const withSlowPosts = new Set(
    disasters.filter(({ kind }) => needsSlowPost(kind)).map(({ atCall }) => atCall),
  );
  const withFreezes = new Set(
    disasters.filter(({ kind }) => kind === 'freeze_before_send').map(({ atCall }) => atCall),
  );
  const drawn = drawAll(drawnCall, seed, count).map((call, index) => {
    if (withFreezes.has(index)) return withFreeze(call);
    return withSlowPosts.has(index) ? withSlowPost(call) : call;
  });
  const skews = drawAll(skewIn(seed), seed ^ SEEDS.skew, MAX_WORKERS);
  return {
    seed,
    calls: people === undefined ? drawn : withPeople(drawn, people, seed),
    disasters,
    conditions: drawConditions(seed ^ SEEDS.conditions, count),
    ...(people !== undefined && { people: drawPeople(people, count, seed) }),
    skewOf: (worker) => skews[worker % MAX_WORKERS] ?? 0,
  };
}

// --- internal ---

/**
 * Draws the clock offsets of a fleet. In two of three fleets all clocks are on the same side of the server's. Otherwise a
 * correct clock hides the effect of the others, since each retry of an activity may reach another worker.
 */
function skewIn(seed: number): fc.Arbitrary<number> {
  switch (Math.abs(seed) % 3) {
    case 1:
      return between(-MAX_SKEW_MS, -MIN_SKEW_MS);
    case 2:
      return between(MIN_SKEW_MS, MAX_SKEW_MS);
    default:
      return pick<number>([1, 0], [2, between(-MAX_SKEW_MS, MAX_SKEW_MS)]);
  }
}

/** The call with a slow POST, and without anything else than its disaster. */
function withSlowPost(call: DrawnCall): DrawnCall {
  return {
    ...call,
    posts: [SLOW_POST, ...call.posts.slice(1)],
    call: { ...call.call, agent_id: 'agent_1' },
    isInvalid: false,
    notBeforeAfterMs: undefined,
    expiresAfterMs: undefined,
    acts: [],
    witness: { is: 'none', afterMs: 0 },
    forgery: undefined,
  };
}

/** The call whose worker freezes before it sends, and without anything else than that. */
function withFreeze(call: DrawnCall): DrawnCall {
  const slow = withSlowPost(call);
  const variables = { ...slow.call.variables, [FREEZES]: 'yes' };
  return { ...slow, start: 'once', resetAfterItsEnd: undefined, call: { ...slow.call, variables } };
}
