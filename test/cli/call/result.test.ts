import { FLAGS } from '../../../src/call/api-types';
import { flagLines } from '../../../src/cli/call/result';
import { toText } from '../../../src/cli/call/watch';

const VIEW = {
  workflowId: 'call/order-1',
  phase: 'ended',
  since: '2026-12-01T09:00:00.000Z',
  because: 'The conversation ended: no_answer.',
  attempt: 1,
  can: [],
} as const;

describe('a flagged attempt', () => {
  it('has a line for each flag, with its name and meaning', () => {
    const lines = flagLines({ number: 2, flags: ['second_call', 'contradicted'] });
    expect(lines).toEqual([
      `  check attempt 2 (second_call): ${FLAGS.second_call}`,
      `  check attempt 2 (contradicted): ${FLAGS.contradicted}`,
    ]);
    expect(flagLines({ number: 1 })).toEqual([]);
  });

  it('is followed by its flags in the state of the call', () => {
    const attempts = [{ number: 1, outcome: 'no_answer', flags: ['contradicted'] }] as const;
    const lines = toText({ ...VIEW, attempts }, 'raw').split('\n');
    expect(lines.slice(1)).toEqual([
      '  attempt 1: no_answer, call no ID yet',
      `  check attempt 1 (contradicted): ${FLAGS.contradicted}`,
    ]);
  });
});
