import * as fc from 'fast-check';
import type { ScriptRequest } from '../../src/testing/simulator/script/script';
import { between, drawAll, pick } from './draw';

/** The settings of the whole simulator from one call on. */
export interface Conditions {
  readonly fromCall: number;
  readonly plan: ScriptRequest;
  /** How long it refuses connections at first. */
  readonly refuseMs: number;
}

const CALLS_PER_CONDITIONS = 40;

/** Draws new settings every few calls. */
export function drawConditions(seed: number, calls: number): readonly Conditions[] {
  const count = Math.ceil(calls / CALLS_PER_CONDITIONS);
  return drawAll(conditions(), seed, count).map((drawn, index) => ({
    ...drawn,
    fromCall: index * CALLS_PER_CONDITIONS,
  }));
}

// --- internal ---

function conditions(): fc.Arbitrary<Omit<Conditions, 'fromCall'>> {
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

/** Outages use statuses that no plan of a call uses, so that they can be told apart. */
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
