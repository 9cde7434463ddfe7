import { applyEventToAttempts, applyRead } from '../../../src/call/apply-evidence';
import { flagOptOut } from '../../../src/call/contact/opt-out-words';
import { ENDED, event, NOW, PLACED, seen } from '../support/evidence';
import { record } from '../support/records';

const WORDS = ['opted_out', 'do_not_call'];
const endedWith = (outcome: string | null) => applyRead(PLACED, seen({ ...ENDED, outcome }), NOW);

it.each(['do_not_call', 'Do-Not-Call', ' OPTED OUT '])('flags a call that ended as %j', (word) => {
  const attempt = flagOptOut(endedWith(word), WORDS);
  expect(attempt).toMatchObject({ flags: ['opted_out'], outcome: 'answered' });
  expect(flagOptOut(attempt, WORDS)).toBe(attempt);
});

it.each(['answered', 'do_not_call_back', null])('does not flag a call that ended as %j', (word) => {
  expect(flagOptOut(endedWith(word), WORDS).flags).toEqual([]);
});

it('flags nothing in a run whose plan has no words', () => {
  const attempt = endedWith('do_not_call');
  expect(flagOptOut(attempt)).toBe(attempt);
});

it('does not flag a call that is still in progress', () => {
  const live = record({ id: 'call_1', status: 'in_progress', outcome: 'do_not_call' });
  expect(flagOptOut(applyRead(PLACED, seen(live), NOW), WORDS).flags).toEqual([]);
});

it.each([
  ['a later report', 'answered', 'do_not_call'],
  ['an earlier report', 'do_not_call', 'answered'],
])('counts %s that differs from the other one', (_, first, second) => {
  const attempt = applyRead(endedWith(first), seen({ ...ENDED, outcome: second }), NOW);
  expect(attempt.record.outcome).toBe(first);
  expect(flagOptOut(attempt, WORDS).flags).toContain('opted_out');
});

it('keeps each further word once, and none that repeats the first', () => {
  let attempt = endedWith('answered');
  for (const outcome of ['answered', 'callback', 'callback', 'do_not_call', null]) {
    attempt = applyRead(attempt, seen({ ...ENDED, outcome }), NOW);
  }
  expect(attempt.otherOutcomes).toEqual(['callback', 'do_not_call']);
  expect(endedWith('answered')).not.toHaveProperty('otherOutcomes');
});

it('ignores the outcome of a call that is not the one of the attempt', () => {
  const other = { ...ENDED, id: 'call_2', outcome: 'do_not_call' };
  const named = event({ attempt: 1, ids: ['call_2'], callId: 'call_2', call: other });
  const [attempt = PLACED] = applyEventToAttempts([PLACED], named, NOW) ?? [];
  expect(flagOptOut(attempt, WORDS).flags).toEqual(['second_call']);
});
