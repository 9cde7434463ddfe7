import * as fc from 'fast-check';
import { isPlaced, isSuspected, newAttempt, type Attempt } from '../../src/call/attempt';
import { markEnded, applyEventToAttempts, markPlaced } from '../../src/call/apply-evidence';
import { anyRecord } from './support/records';
import { NOW, event } from './support/evidence';

/** Random reports about any attempt, mixed with sends and results. */
describe('the attempts of one run', () => {
  const report = fc.record({
    kind: fc.constant('report' as const),
    event: fc.constantFrom('call.started', 'call.joined', 'call.ended', 'call.failed'),
    attempt: fc.integer({ min: 1, max: 4 }),
    ids: fc.subarray(['call_1', 'call_2', 'call_3', 'uv_1']),
    call: fc.option(anyRecord, { nil: undefined }),
    reason: fc.constantFrom(undefined, 'unjoined', 'hangup'),
  });
  const step = fc.oneof(
    report,
    fc.constantFrom(
      ...(['send', 'place', 'not_dialed', 'next'] as const).map((kind) => ({ kind })),
    ),
  );

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function run(steps: readonly Step[], each: Check): void {
    let attempts: readonly Attempt[] = [newAttempt(1)];
    for (const one of steps) {
      const before = attempts;
      const last = before.at(-1) ?? newAttempt(1);
      const swap = (changed: Attempt) => [...before.slice(0, -1), changed];
      switch (one.kind) {
        case 'report': {
          const { reason, call, attempt, ids } = one;
          const rest = { ...(call && { call }), ...(reason !== undefined && { reason }) };
          const delivery = event({ event: one.event, attempt, ids, ...rest });
          attempts = applyEventToAttempts(before, delivery, NOW) ?? before;
          break;
        }
        case 'send':
          attempts = swap({ ...last, sent: true });
          break;
        case 'place':
          if (last.sent && !isPlaced(last)) {
            const ids = [`call_${last.number}`] as const;
            attempts = swap(markPlaced(last, { ids, by: 'response', atMs: NOW }));
          }
          break;
        case 'not_dialed':
          if (last.sent && !isPlaced(last) && !isSuspected(last) && last.outcome === undefined) {
            const word = { outcome: 'failed', rangPhone: false, learnedBy: 'resolve' } as const;
            attempts = swap(markEnded(last, word, NOW));
          }
          break;
        case 'next':
          if (last.outcome !== undefined) attempts = [...before, newAttempt(last.number + 1)];
      }
      each(before, attempts, one);
    }
  }
  type Check = (
    before: readonly Attempt[],
    after: readonly Attempt[],
    step: { readonly kind: string; readonly attempt?: number },
  ) => void;
  const check = (each: Check) =>
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => run(steps, each)));

  it('start empty', () => {
    check((before, after) => {
      if (after.length > before.length) expect(after.at(-1)).toEqual(newAttempt(after.length));
    });
  });

  it('are changed only by reports about them', () => {
    check((before, after, { kind, attempt }) => {
      if (kind !== 'report') return;
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (now === undefined) expect(known.sent || known.outcome !== undefined).toBe(false);
        else if (known.number !== attempt) expect(now).toBe(known);
      }
    });
  });

  it('keep every flag', () => {
    check((before, after) => {
      for (const { number, flags } of after) {
        const known = before.find((one) => one.number === number)?.flags ?? [];
        expect(flags).toEqual(expect.arrayContaining([...known]));
      }
    });
  });

  it('keep every sent attempt, and the outcome of every call', () => {
    check((before, after) => {
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (known.sent) expect(now?.sent).toBe(true);
        if (isPlaced(known) && known.outcome !== undefined)
          expect(now?.outcome).toBe(known.outcome);
      }
    });
  });

  it('are reopened only if no later one was sent', () => {
    check((before, after, { kind }) => {
      if (kind !== 'report') return;
      for (const known of before) {
        const now = after.find(({ number }) => number === known.number);
        if (known.outcome === undefined || now?.outcome !== undefined) continue;
        expect(after.at(-1)?.number).toBe(known.number);
        expect(now?.flags).toContain('dialed_after_all');
      }
    });
  });
});
