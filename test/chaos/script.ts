import type * as fc from 'fast-check';
import { between, drawAll, pick } from './draw';
import { drawnCall, type DrawnCall } from './draw-call';
import { drawDisasters, needsBait, type Disaster } from './draw-disasters';
import { BAIT } from './draw-plan';
import { drawWeather, type Weather } from './draw-weather';

/** All that will happen, decided before anything does: the same seed is the same script. */
export interface Script {
  readonly seed: number;
  readonly calls: readonly DrawnCall[];
  readonly disasters: readonly Disaster[];
  readonly weather: readonly Weather[];
  /** How far the clock of the n-th worker is from the server's, in milliseconds. */
  skewOf(worker: number): number;
}

const MOST_SKEW_MS = 4_500;
/** Of a fleet whose clocks are all on one side. */
const LEAST_SKEW_MS = 2_000;
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
  const disasters = drawDisasters(
    { kills: seed ^ SEEDS.kills, freezes: seed ^ SEEDS.freezes },
    count,
  );
  const baits = new Set(
    disasters.filter(({ kind }) => needsBait(kind)).map(({ atCall }) => atCall),
  );
  const calls = drawAll(drawnCall, seed, count).map((call, index) =>
    baits.has(index) ? baited(call) : call,
  );
  const skews = drawAll(skewIn(seed), seed ^ SEEDS.skew, MOST_WORKERS);
  return {
    seed,
    calls,
    disasters,
    weather: drawWeather(seed ^ SEEDS.weather, count),
    skewOf: (worker) => skews[worker % MOST_WORKERS] ?? 0,
  };
}

// --- internal ---

/**
 * Two of three fleets have all their clocks on one side of the server's: if one clock is right, it covers for the
 * others, since each retry of an activity may reach another worker.
 */
function skewIn(seed: number): fc.Arbitrary<number> {
  switch (Math.abs(seed) % 3) {
    case 1:
      return between(-MOST_SKEW_MS, -LEAST_SKEW_MS);
    case 2:
      return between(LEAST_SKEW_MS, MOST_SKEW_MS);
    default:
      return pick<number>([1, 0], [2, between(-MOST_SKEW_MS, MOST_SKEW_MS)]);
  }
}

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
    witness: { is: 'nobody', afterMs: 0 },
    forgery: undefined,
  };
}
