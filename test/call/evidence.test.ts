import {
  matchNumber,
  matchReference,
  provesAnswer,
  provesDelivered,
  provesListed,
  provesNamed,
  provesProgress,
  type Match,
} from '../../src/call/evidence';

const OURS = '+14155550101';

describe('matchNumber', () => {
  it.each<[string | null, Match]>([
    [OURS, 'ours'],
    ['14155550101', 'ours'],
    ['+1 (415) 555-0101', 'ours'],
    ['0014155550101', 'ours'],
    [' +14155550101 ', 'ours'],
    ['+14155550102', 'other'],
    ['4155550101', 'other'],
    ['+1415550010100', 'other'],
    ['+1415•••01', 'none'],
    ['sip:14155550101@carrier', 'none'],
    ['', 'none'],
    [null, 'none'],
  ])('of %j: %s', (shown, match) => {
    expect(matchNumber(shown, OURS)).toBe(match);
  });
});

describe('matchReference', () => {
  it.each([
    ['default/call/a#1', 'ours'],
    ['default/call/a#2', 'other'],
    [null, 'none'],
  ] as const)('of %j: %s', (shown, match) => {
    expect(matchReference(shown, 'default/call/a#1')).toBe(match);
  });
});

describe('a read of an established call', () => {
  it.each<[Match, Match, string]>([
    ['ours', 'ours', 'progress'],
    ['none', 'none', 'progress'],
    ['other', 'ours', 'nothing'],
    ['ours', 'other', 'nothing'],
  ])('with number %s and reference %s proves %s', (number, reference, proof) => {
    expect(provesProgress({ number, reference })).toBe(proof);
  });
});

/** The rows of `docs/unknown.md`. */
describe('what a call proves by what it shows', () => {
  it.each<[Match, Match, string, string, string]>([
    // number, reference: our answer, a read by a named id, a row of the listing
    ['ours', 'ours', 'placed', 'placed', 'placed'],
    ['ours', 'none', 'placed', 'placed', 'nothing'],
    ['ours', 'other', 'nothing', 'nothing', 'nothing'],
    ['none', 'ours', 'placed', 'nothing', 'no_number'],
    ['none', 'none', 'placed', 'nothing', 'nothing'],
    ['none', 'other', 'nothing', 'nothing', 'nothing'],
    ['other', 'ours', 'nothing', 'nothing', 'other_number'],
    ['other', 'none', 'nothing', 'nothing', 'nothing'],
    ['other', 'other', 'nothing', 'nothing', 'nothing'],
  ])('number %s, reference %s', (number, reference, answer, named, listed) => {
    const shown = { number, reference };
    expect([provesAnswer(shown), provesNamed(shown), provesListed(shown)]).toEqual([
      answer,
      named,
      listed,
    ]);
  });
});

describe('what a delivery proves', () => {
  it.each([
    // attempt, id, number, complete, reference
    ['named', 'known', 'none', false, 'ours', 'fact'],
    ['named', 'none', 'none', true, 'none', 'fact'],
    ['named', 'unknown', 'none', true, 'ours', 'second_call'],
    ['named', 'unknown', 'ours', false, 'ours', 'second_call'],
    ['named', 'known', 'other', true, 'ours', 'fact'],
    ['placed', 'none', 'none', true, 'ours', 'fact'],
    ['placed', 'none', 'none', false, 'ours', 'fact'],
    ['placed', 'unknown', 'ours', true, 'ours', 'fact'],
    ['placed', 'unknown', 'other', true, 'ours', 'nothing'],
    ['placed', 'none', 'other', false, 'ours', 'nothing'],
    ['sent', 'known', 'none', true, 'ours', 'fact'],
    ['sent', 'known', 'ours', false, 'ours', 'fact'],
    ['sent', 'none', 'ours', false, 'ours', 'needs_read'],
    ['sent', 'known', 'none', false, 'ours', 'needs_read'],
    ['sent', 'known', 'other', true, 'ours', 'nothing'],
    ['sent', 'none', 'none', true, 'none', 'needs_read'],
    ['unsent', 'known', 'none', true, 'ours', 'needs_read'],
    ['unsent', 'known', 'ours', true, 'ours', 'needs_read'],
    ['unsent', 'known', 'other', true, 'ours', 'nothing'],
    ['unsent', 'none', 'none', false, 'ours', 'needs_read'],
  ] as const)(
    '%s, id %s, number %s, complete %s, reference %s: %s',
    (attempt, id, number, isComplete, reference, proof) => {
      expect(provesDelivered({ attempt, id, number, isComplete, reference })).toBe(proof);
    },
  );
});
