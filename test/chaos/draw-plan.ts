import * as fc from 'fast-check';
import type { Fault } from '../../src/testing/simulator/script/faults';
import type { DeliveryScript, Phone, CallScript } from '../../src/testing/simulator/script/script';
import { between, parts, pick, sometimes } from './draw';

/** How the vendor treats one POST and its call. */
export const drawnPlan: fc.Arbitrary<CallScript> = fc
  .record({ phone: phone(), rest: rest() })
  .map(({ phone, rest }) => ({ phone, ...rest }));

/** A plan without faults. The last POST of a call gets it, so that every call ends. */
export const PLAIN: CallScript = { phone: 'answered' };

/** A POST with an answer slow enough to kill or freeze its worker first, and a call without deliveries. */
export const SLOW_POST: CallScript = {
  phone: 'answered',
  post: { kind: 'slow', afterMs: 4_000 },
  webhooks: { events: [] },
};

// --- internal ---

function phone(): fc.Arbitrary<Phone> {
  return pick<Phone>(
    [48, 'answered'],
    [13, 'no_answer'],
    [10, 'busy'],
    [7, 'voicemail'],
    [5, 'declined'],
    [5, 'failed'],
    [3, 'unreachable'],
    [2, 'invalid_number'],
    [2, 'cancelled'],
    [1, 'stuck_queued'],
    [1, 'stuck_ringing'],
  );
}

function rest(): fc.Arbitrary<CallScript> {
  return parts<CallScript>({
    times: sometimes(70, times()),
    outcome: sometimes(4, fc.constant(null)),
    transcriptBytes: sometimes(3, between(1_000, 60_000)),
    artifactsAfterMs: sometimes(5, between(100, 2_000)),
    post: sometimes(38, post()),
    read: sometimes(22, read()),
    listing: sometimes(12, listing()),
    webhooks: sometimes(55, webhooks()),
  });
}

function times() {
  return fc
    .tuple(between(50, 3_000), between(50, 4_000), between(50, 25_000))
    .map(([ringMs, toJoinMs, toEndMs]) => ({
      ringMs,
      joinMs: ringMs + toJoinMs,
      endMs: ringMs + toJoinMs + toEndMs,
    }));
}

function post(): fc.Arbitrary<Fault> {
  return pick<Fault>(
    [20, between(300, 4_500).map((afterMs) => ({ kind: 'slow', afterMs }))],
    [2, { kind: 'slow', afterMs: 6_500 }],
    [10, cut(true)],
    [5, cut(false)],
    [9, unclearAnswer()],
    [
      5,
      between(300, 1_500).chain((cutMs) =>
        between(100, 2_500).map((afterMs) => ({ kind: 'late', afterMs, cutMs })),
      ),
    ],
    [8, broken()],
    [2, fc.constantFrom(1, 1_000).map((everyMs) => ({ kind: 'drip', everyMs }))],
    [5, fc.boolean().map((corrected) => ({ kind: 'says_failed', corrected }))],
    [4, { kind: 'dials_twice' }],
    [
      2,
      fc
        .constantFrom(301 as const, 302 as const, 307 as const, 308 as const)
        .map((status) => ({ kind: 'redirect', status })),
    ],
    [14, limited()],
    [6, answer(fc.constantFrom(401, 402, 403))],
    [4, answer(fc.constantFrom(400, 404, 405, 413, 415, 422, 431))],
  );
}

function cut(dials: boolean): fc.Arbitrary<Fault> {
  return between(0, 2_000).map((afterMs) => ({ kind: 'cut', dials, afterMs }));
}

type Answer = Extract<Fault, { kind: 'answer' }>;

function answer(status: fc.Arbitrary<number>, rest: Partial<Answer> = {}): fc.Arbitrary<Fault> {
  const as = fc.constantFrom<Answer['as']>('vendor', 'bare', 'framework', 'html', 'empty');
  return fc
    .record({ status, as, afterMs: fc.constantFrom(0, 300) })
    .map((drawn) => ({ kind: 'answer', dials: false, ...drawn, ...rest }));
}

/** An answer that proves nothing, with or without a dial. */
function unclearAnswer(): fc.Arbitrary<Fault> {
  const status = fc.constantFrom(408, 409, 425, 499, 500, 502, 503, 504);
  const namesCall = answer(fc.constant(404), { dials: true, as: 'vendor' });
  return pick<Fault>([5, answer(status, { dials: true })], [3, answer(status)], [1, namesCall]);
}

function limited(): fc.Arbitrary<Fault> {
  return pick<Fault>(
    [
      3,
      between(200, 2_500).chain((resetAfterMs) =>
        answer(fc.constant(429), { resetAfterMs, as: 'vendor' }),
      ),
    ],
    [2, answer(fc.constant(429), { retryAfterSeconds: 1 })],
    [2, answer(fc.constant(429))],
  );
}

function broken(): fc.Arbitrary<Fault> {
  return fc
    .constantFrom(
      'truncated',
      'cut_body',
      'missing_id',
      'number_id',
      'long_id',
      'strange_id',
      'html',
      'empty',
      'array',
    )
    .map((how) => ({ kind: 'broken', how })) as fc.Arbitrary<Fault>;
}

function read(): fc.Arbitrary<NonNullable<CallScript['read']>> {
  return pick<NonNullable<CallScript['read']>>(
    [5, between(1, 3).map((missing) => ({ missing }))],
    [
      5,
      fc
        .array(fc.constantFrom('queued', 'ringing', 'dancing'), { minLength: 1, maxLength: 3 })
        .map((says) => ({ says })),
    ],
    [2, { says: ['failed'] }],
    [3, { firstEnding: 'failed' }],
    [4, fc.constantFrom(429, 500, 503).map((status) => ({ fail: { status, times: 2 } }))],
    [3, between(300, 3_000).map((slowMs) => ({ slowMs }))],
    [1, { number: '+14155550199' }],
  );
}

function listing(): fc.Arbitrary<NonNullable<CallScript['listing']>> {
  return pick<NonNullable<CallScript['listing']>>(
    [5, between(300, 4_000).map((lagMs) => ({ lagMs }))],
    [3, { hidden: true }],
    [3, { twin: true }],
    [2, { number: '+14155550199' }],
  );
}

function webhooks(): fc.Arbitrary<DeliveryScript> {
  return pick<DeliveryScript>(
    [20, { events: [] }],
    [10, between(2, 5).map((copies) => ({ copies }))],
    [8, { reversed: true }],
    [5, { early: 'call.ended' }],
    [3, { early: 'call.joined' }],
    [
      5,
      fc
        .constantFrom('wrong_secret' as const, 'tampered' as const, 'missing' as const)
        .map((sign) => ({ sign })),
    ],
    [2, { sign: 'legacy' }],
    [4, fc.constantFrom(-600_000, 600_000).map((stampOffsetMs) => ({ stampOffsetMs }))],
    [
      14,
      fc
        .constantFrom('W1' as const, 'W2' as const, 'W4' as const)
        .chain((shape) => fc.boolean().map((echo) => ({ shape, echo }))),
    ],
    [8, between(300, 4_000).map((delayMs) => ({ delayMs }))],
    [5, { echo: false }],
    [4, { headers: 'X-Trudy', timestamp: 'iso' }],
    [4, { events: ['call.started', 'call.joined'] }],
  );
}
