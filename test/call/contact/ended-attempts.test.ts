import { EndedAttempts } from '../../../src/call/contact/ended-attempts';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const SEND_BY = NOW + 30_000;

describe('a question that arrives after the end of its attempt', () => {
  it('is known for a minute', () => {
    const ended = new EndedAttempts();
    const question = { reference: 'a', sendByMs: SEND_BY };
    expect(ended.has(question, NOW)).toBe(false);
    ended.add({ reference: 'a' }, NOW);
    expect(ended.has(question, NOW)).toBe(true);
    expect(ended.has({ ...question, reference: 'b' }, NOW)).toBe(false);
    expect(ended.has(question, NOW + 59_999)).toBe(true);
    // The workflow id can be used again after its retention.
    expect(ended.has(question, NOW + 60_000)).toBe(false);
  });

  it('is an earlier one, if only one question was given back', () => {
    const ended = new EndedAttempts();
    ended.add({ reference: 'a', sendByMs: SEND_BY }, NOW);
    expect(ended.has({ reference: 'a', sendByMs: SEND_BY - 1 }, NOW)).toBe(true);
    expect(ended.has({ reference: 'a', sendByMs: SEND_BY }, NOW)).toBe(true);
    expect(ended.has({ reference: 'a', sendByMs: SEND_BY + 1 }, NOW)).toBe(false);
    ended.add({ reference: 'a', sendByMs: SEND_BY - 9 }, NOW + 1);
    expect(ended.has({ reference: 'a', sendByMs: SEND_BY }, NOW + 1)).toBe(true);
  });

  it('is forgotten with the next end after a minute', () => {
    const ended = new EndedAttempts();
    ended.add({ reference: 'a' }, NOW);
    ended.add({ reference: 'b' }, NOW + 60_000);
    // Also for a clock that was set back.
    expect(ended.has({ reference: 'a', sendByMs: SEND_BY }, NOW)).toBe(false);
  });
});
