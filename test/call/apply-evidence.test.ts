import { newAttempt } from '../../src/call/attempt';
import { markEnded, applyEvent, markPlaced, applyRead } from '../../src/call/apply-evidence';
import { record } from './support/records';
import { NOW, ENDED, event, seen, PLACED, SENT, BY_US, NOT_DIALED } from './support/evidence';

describe('a delivery that establishes the call', () => {
  const SHORT = record({ status: 'ended', ended_at: '2026-12-01T09:59:00Z' });
  const joined = event({ event: 'call.joined', attempt: 1, ids: [] });
  const ended = event({ attempt: 1, ids: [], call: SHORT });

  it('is applied after earlier deliveries: a call that was in progress was answered', () => {
    expect(applyEvent(applyEvent(SENT, joined, NOW), ended, NOW)).toMatchObject({
      outcome: 'answered',
      wasInProgress: true,
      unconfirmed: [],
    });
  });

  it('flags another call that an earlier delivery named', () => {
    const other = event({ event: 'call.started', attempt: 1, callId: 'call_2', ids: ['call_2'] });
    const known = event({ attempt: 1, callId: 'call_1', call: ENDED });
    expect(applyEvent(applyEvent(SENT, other, NOW), known, NOW)).toMatchObject({
      flags: ['second_call'],
      record: { id: 'call_1' },
    });
  });
});

describe('markPlaced', () => {
  it('puts the id of the answer before the ids of deliveries', () => {
    const updated = applyEvent(SENT, event({ attempt: 1, ids: ['uv_1'] }), NOW);
    expect(markPlaced(updated, BY_US).ids).toEqual(['call_1', 'uv_1']);
  });

  it('applies the deliveries received before', () => {
    const early = event({ attempt: 1, ids: ['uv_1'], reason: 'SIP_TERMINATION_BUSY' });
    expect(markPlaced(applyEvent(SENT, early, NOW), BY_US)).toMatchObject({
      nudged: true,
      reason: 'SIP_TERMINATION_BUSY',
      unconfirmed: [],
    });
  });

  it('flags another call that deliveries named', () => {
    const other = event({ event: 'call.started', attempt: 1, callId: 'call_2', ids: ['call_2'] });
    expect(markPlaced(applyEvent(SENT, other, NOW), BY_US)).toMatchObject({
      flags: ['second_call'],
      record: { id: 'call_1' },
    });
  });

  it('keeps the outcome of a delivery that arrived before the answer', () => {
    const updated = applyEvent(SENT, event({ attempt: 1, call: ENDED }), NOW);
    const placed = markPlaced(updated, { ...BY_US, atMs: NOW - 5 });
    expect(placed).toMatchObject({ outcome: 'answered', learnedBy: 'webhook', endedAtMs: NOW });
  });

  it('reopens and flags an attempt that a person resolved as not dialed', () => {
    const placed = markPlaced(NOT_DIALED, BY_US);
    expect(placed).toMatchObject({ placedBy: 'response', flags: ['dialed_after_all'] });
    expect(placed.outcome).toBeUndefined();
  });

  it('keeps the `doubt` of an attempt that it reopens', () => {
    const doubt = { reason: 'no answer', earliestMs: NOW - 9, latestMs: NOW - 5 };
    expect(markPlaced({ ...NOT_DIALED, doubt }, BY_US).doubt).toEqual(doubt);
    expect(markPlaced(NOT_DIALED, BY_US)).not.toHaveProperty('doubt');
  });

  it('applies deliveries with the time at which they arrived', () => {
    const updated = applyEvent(SENT, event({ attempt: 1 }), NOW);
    expect(markPlaced(updated, { ...BY_US, atMs: NOW - 5 }).lastNewsMs).toBe(NOW);
  });

  it('records that the answer reported the call as failed', () => {
    expect(markPlaced(newAttempt(1), BY_US).saidFailed).toBe(false);
    const placed = { ...BY_US, saidFailed: true } as const;
    expect(markPlaced(newAttempt(1), placed)).toMatchObject({ saidFailed: true });
    expect(markPlaced(newAttempt(1), placed).outcome).toBeUndefined();
  });
});

describe('applyRead', () => {
  it.each([
    ['Truedy’s, if it is in the past', '2026-12-01T09:59:00.000Z', NOW - 60_000],
    ['ours, if Truedy’s is in the future', '9999-12-31T00:00:00.000Z', NOW],
    ['ours, if Truedy’s cannot be parsed', 'yesterday', NOW],
    ['ours, if Truedy reports none', null, NOW],
  ])('sets the end time to %s', (_, ended_at, endedAtMs) => {
    expect(applyRead(PLACED, seen({ ...ENDED, ended_at }), NOW)).toMatchObject({ endedAtMs });
  });

  it('keeps further ids that Truedy reports', () => {
    const answer = { record: ENDED, otherIds: ['uv_1', 'call_1'], reason: null };
    expect(applyRead(PLACED, answer, NOW).ids).toEqual(['call_1', 'uv_1']);
  });

  it('keeps the first reason', () => {
    const updated = applyRead(PLACED, seen(record(), 'unjoined'), NOW);
    expect(applyRead(updated, seen(record(), 'hangup'), NOW).reason).toBe('unjoined');
  });
});

describe('markEnded', () => {
  it('closes an attempt without a record', () => {
    const result = { outcome: 'unknown', rangPhone: true, reason: 'overdue' } as const;
    expect(markEnded(PLACED, result, NOW)).toEqual({ ...PLACED, ...result, endedAtMs: NOW });
  });
});
