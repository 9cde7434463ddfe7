import * as fc from 'fast-check';
import { between, drawAll, parts, pick, sometimes } from './draw';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';
import { PLAIN } from './draw-plan';

/** Contact limits, and what the people do whom the calls of a run are for. */
export interface DrawnPeople {
  readonly count: number;
  readonly policy: DrawnPolicy;
  readonly optOuts: readonly DrawnOptOut[];
}

/** As in `TRUEDY_CONTACT_POLICY`. */
export interface DrawnPolicy {
  readonly concurrent: number;
  readonly minGap?: string;
  readonly perDay: number;
  readonly perWeek: number;
  readonly timeZone: string;
}

export interface DrawnOptOut {
  readonly person: number;
  /** Happens when the call of this index is started. */
  readonly atCall: number;
  /** When the person opts in again, after the opt-out. `undefined`: never. */
  readonly optInAfterMs: number | undefined;
}

/** Each kind of draw has its own seed. */
const SEEDS = { policy: 0x5555, optOuts: 0x6666, calls: 0x7777 } as const;

export function drawPeople(count: number, calls: number, seed: number): DrawnPeople {
  const [policy] = drawAll(drawnPolicy(calls / count), seed ^ SEEDS.policy, 1);
  if (policy === undefined) throw new Error('No policy was drawn');
  const drawn = drawAll(optOut(), seed ^ SEEDS.optOuts, count);
  const optOuts = drawn.flatMap((one, person) =>
    one === undefined
      ? []
      : [{ person, atCall: Math.floor(one.part * calls), optInAfterMs: one.optInAfterMs }],
  );
  return { count, policy, optOuts };
}

/** Draws the person of each call. Some people get several times as many calls as others. */
export function withPeople(
  calls: readonly DrawnCall[],
  count: number,
  seed: number,
): readonly DrawnCall[] {
  const drawn = drawAll(recipient(count), seed ^ SEEDS.calls, calls.length);
  return calls.map((call, index) => {
    const { person = 0, expiresAfterMs } = drawn[index] ?? {};
    // The calls of a person share the vendor's plans, and one of these may be a request that is executed late.
    const { placement: _, ...rest } = call.rest;
    return { ...call, rest, person, expiresAfterMs };
  });
}

/** The vendor's plans for the POSTs to each person, whichever calls they are for. The last one repeats. */
export function plansByPerson(
  calls: readonly DrawnCall[],
): ReadonlyMap<number, readonly CallScript[]> {
  const plans = new Map<number, CallScript[]>();
  for (const { person = 0, posts } of calls) {
    const known = plans.get(person) ?? [];
    plans.set(person, [...known, ...posts.slice(0, PLANS_PER_CALL)]);
  }
  return new Map([...plans].map(([person, known]) => [person, [...known, PLAIN]]));
}

// --- internal ---

/** About as many as a call sends. The first one of a call can be slow, as a disaster requires. */
const PLANS_PER_CALL = 2;

/** Most people reach one of the caps, so that their other calls can only expire. */
function drawnPolicy(callsPerPerson: number): fc.Arbitrary<DrawnPolicy> {
  return fc
    .record({
      minGap: pick<string | undefined>([60, '1m'], [20, '2m'], [20, undefined]),
      concurrent: pick<number>([75, 1], [25, 2]),
      share: between(30, 90),
      binding: fc.constantFrom('perDay' as const, 'perWeek' as const),
      timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata'),
    })
    .chain(({ share, binding, ...rest }) => {
      const cap = Math.min(500, Math.max(2, Math.ceil((callsPerPerson * share) / 100)));
      const caps = { perDay: 2 * cap, perWeek: 2 * cap, [binding]: cap };
      return parts<DrawnPolicy>(
        Object.fromEntries(
          Object.entries({ ...rest, ...caps }).map(([name, value]) => [name, fc.constant(value)]),
        ),
      );
    });
}

function optOut() {
  return sometimes(
    40,
    fc.record({
      part: between(150, 850).map((value) => value / 1_000),
      optInAfterMs: sometimes(60, between(2_000, 30_000)),
    }),
  );
}

/** Every call expires, because a person who has reached a cap is not called before the next day. */
function recipient(count: number) {
  return fc.record({
    person: between(0, 999).map((value) => Math.floor((value / 1_000) ** 1.3 * count)),
    expiresAfterMs: between(15_000, 75_000),
  });
}
