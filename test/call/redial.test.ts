import * as fc from 'fast-check';
import { OUTCOMES, REDIAL_OUTCOMES } from '../../src/call/outcome';
import { redialTime } from '../../src/call/redial';

const NOW = Date.parse('2026-12-01T09:00:00.000Z');
const POLICY = { maxAttempts: 4, afterMs: { no_answer: [1_000, 2_000], busy: [500] } };

describe('redialTime', () => {
  it.each([
    [1, 'no_answer', 1_000],
    [2, 'no_answer', 2_000],
    [3, 'no_answer', 2_000],
    [1, 'busy', 500],
    [3, 'busy', 500],
  ] as const)('after attempt %d, %s, waits %d ms', (number, outcome, delay) => {
    expect(redialTime(POLICY, { number, outcome }, NOW)).toBe(NOW + delay);
  });

  it.each([
    ['the attempts are used up', 4, 'no_answer'],
    ['the policy does not name the outcome', 1, 'declined'],
    ['the call was answered', 1, 'answered'],
    ['the outcome is unknown', 1, 'unknown'],
  ] as const)('allows no further attempt if %s', (_, number, outcome) => {
    expect(redialTime(POLICY, { number, outcome }, NOW)).toBeUndefined();
  });

  it('allows no further attempt if the policy has no delay for the outcome', () => {
    const policy = { maxAttempts: 2, afterMs: { busy: [] } };
    expect(redialTime(policy, { number: 1, outcome: 'busy' }, NOW)).toBeUndefined();
  });

  const delays = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 20 });
  const policies = fc.record({
    maxAttempts: fc.integer({ min: 1, max: 20 }),
    afterMs: fc.record(Object.fromEntries(REDIAL_OUTCOMES.map((outcome) => [outcome, delays])), {
      requiredKeys: [],
    }),
  });

  it('never exceeds maxAttempts, whatever the outcomes', () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(fc.constantFrom(...OUTCOMES)), (policy, outcomes) => {
        let number = 0;
        for (const outcome of outcomes) {
          number += 1;
          expect(number).toBeLessThanOrEqual(policy.maxAttempts);
          if (redialTime(policy, { number, outcome }, NOW) === undefined) break;
        }
      }),
    );
  });

  it('redials only after an outcome that allows it, and only later', () => {
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 20 }),
        fc.constantFrom(...OUTCOMES),
        (policy, number, outcome) => {
          const atMs = redialTime(policy, { number, outcome }, NOW);
          if (atMs === undefined) return;
          expect(REDIAL_OUTCOMES).toContain(outcome);
          expect(atMs).toBeGreaterThan(NOW);
        },
      ),
    );
  });
});
