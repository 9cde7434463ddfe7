import {
  callIdOf,
  candidatesOf,
  isAbout,
  isPlaced,
  isSuspected,
  newAttempt,
  newFlags,
  ownIdOf,
  phaseOf,
  withFlag,
  withNote,
} from '../../src/call/attempt';
import { markPlaced } from '../../src/call/apply-evidence';
import type { CallEvent } from '../../src/call/api-types';
import { record } from './support/records';

const NOW = Date.parse('2026-12-01T10:00:00.000Z');

function event(fields: Partial<CallEvent> = {}): CallEvent {
  return {
    event: 'call.ended',
    ids: ['call_1'],
    receivedAt: '2026-12-01T10:00:00.000Z',
    ...fields,
  };
}

const PLACED = markPlaced(newAttempt(1), { ids: ['call_1'], by: 'response', atMs: NOW });

describe('newAttempt', () => {
  it('has nothing sent, reported or flagged', () => {
    expect(newAttempt(3)).toEqual({
      number: 3,
      sent: false,
      ids: [],
      record: record(),
      saidFailed: false,
      wasInProgress: false,
      nudged: false,
      unconfirmed: [],
      dismissed: [],
      flags: [],
      notes: [],
    });
  });
});

describe('a call that may exist', () => {
  const named = { ...newAttempt(1), unconfirmed: [event()] };

  it.each([
    ['neither, if no source names it', newAttempt(1), false, false],
    ['suspected, if a delivery names it', named, false, true],
    ['placed, if a source has established it', PLACED, true, false],
    ['placed and not suspected, if both', { ...PLACED, unconfirmed: [event()] }, true, false],
  ])('is %s', (_, attempt, placed, suspected) => {
    expect([isPlaced(attempt), isSuspected(attempt)]).toEqual([placed, suspected]);
  });
});

describe('isAbout', () => {
  it.each([
    ['carries its number', { attempt: 1, ids: ['other'] }, true],
    ['carries another number, though its id is known', { attempt: 2 }, false],
    ['carries a known id', { ids: ['x', 'call_1'] }, true],
    ['carries unknown ids only', { ids: ['x'] }, false],
    ['carries no id', { ids: [] }, false],
  ])('if the event %s', (_, fields, about) => {
    expect(isAbout(PLACED, event(fields))).toBe(about);
  });
});

describe('withFlag', () => {
  it('adds a flag only once', () => {
    const flagged = withFlag(PLACED, 'second_call');
    expect(withFlag(flagged, 'second_call').flags).toEqual(['second_call']);
  });
});

describe('withNote', () => {
  it('adds a note only once, after earlier notes', () => {
    const noted = withNote(withNote(PLACED, 'first'), 'second');
    expect(withNote(noted, 'first').notes).toEqual(['first', 'second']);
  });
});

describe('newFlags', () => {
  const second = newAttempt(2);

  it('are returned with the number of their attempt', () => {
    const before = [withFlag(PLACED, 'second_call'), second];
    const after = [withFlag(PLACED, 'second_call'), withFlag(second, 'other_number')];
    expect(newFlags(before, after)).toEqual([{ attempt: 2, flag: 'other_number' }]);
  });

  it('exclude flags that the attempt already had', () => {
    const flagged = withFlag(PLACED, 'second_call');
    const again = withFlag(flagged, 'contradicted');
    expect(newFlags([second, flagged], [second, again])).toEqual([
      { attempt: 1, flag: 'contradicted' },
    ]);
  });

  it('are all flags of a new attempt', () => {
    const after = [withFlag(withFlag(second, 'contradicted'), 'second_call')];
    expect(newFlags([PLACED], after)).toEqual([
      { attempt: 2, flag: 'contradicted' },
      { attempt: 2, flag: 'second_call' },
    ]);
  });
});

describe('the ids to read', () => {
  it.each([
    ['the id that a delivery names as Truedy’s own', { callId: 'call_1' }, ['call_1']],
    ['otherwise the id of its call', { call: record({ id: 'call_1' }) }, ['call_1']],
    ['none if its call has no id', { call: record() }, []],
    ['none if it only has ids of unknown origin', {}, []],
  ])('of Truedy’s own are %s', (_, fields, ids) => {
    expect(ownIdOf(event({ ids: ['x'], ...fields }))).toEqual(ids);
  });

  it('are listed once each, without dismissed ids', () => {
    const unconfirmed = [event({ ids: ['a', 'b'] }), event({ ids: ['b', 'c'] })];
    const attempt = { ...newAttempt(1), unconfirmed, dismissed: ['a'] };
    expect(candidatesOf(attempt)).toEqual(['b', 'c']);
  });
});

describe('callIdOf', () => {
  it('is Truedy’s own id, never another known id', () => {
    const attempt = { ...newAttempt(1), ids: ['uv_1'] };
    expect(callIdOf(attempt)).toBeUndefined();
    expect(callIdOf({ ...attempt, record: record({ id: 'call_1' }) })).toBe('call_1');
  });
});

describe('phaseOf', () => {
  it.each([
    [null, 'queued'],
    ['queued', 'queued'],
    ['ringing', 'ringing'],
    ['in_progress', 'in_progress'],
  ] as const)('of status %s is %s', (status, phase) => {
    expect(phaseOf(status)).toBe(phase);
  });
});
