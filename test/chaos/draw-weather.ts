import * as fc from 'fast-check';
import type { ScriptRequest } from '../../src/testing/simulator/script/script';
import { between, drawAll, pick } from './draw';

/** How the vendor is as a whole from one call on. */
export interface Weather {
  readonly fromCall: number;
  readonly plan: ScriptRequest;
  /** How long it refuses connections, from the first call on. */
  readonly refuseMs: number;
}

const CALLS_PER_WEATHER = 40;

/** The weather of a run: another one every few calls. */
export function drawWeather(seed: number, calls: number): readonly Weather[] {
  const count = Math.ceil(calls / CALLS_PER_WEATHER);
  return drawAll(weather(), seed, count).map((drawn, index) => ({
    ...drawn,
    fromCall: index * CALLS_PER_WEATHER,
  }));
}

// --- internal ---

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

function listing(): fc.Arbitrary<NonNullable<ScriptRequest['list']>> {
  return pick<NonNullable<ScriptRequest['list']>>(
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
function outage(): fc.Arbitrary<NonNullable<ScriptRequest['outages']>> {
  const forMs = between(300, 2_000);
  return pick<NonNullable<ScriptRequest['outages']>>(
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
