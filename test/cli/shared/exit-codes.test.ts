import { OUTCOMES } from '../../../src/call/outcome';
import { exitCodeFor } from '../../../src/cli/shared/exit-codes';

it('maps each outcome to the exit code that scripts branch on', () => {
  expect(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, exitCodeFor(outcome)]))).toEqual({
    answered: 0,
    voicemail: 6,
    no_answer: 6,
    busy: 6,
    declined: 6,
    invalid_number: 6,
    unreachable: 6,
    cancelled: 6,
    failed: 6,
    expired: 8,
    suppressed: 8,
    unknown: 7,
  });
});
