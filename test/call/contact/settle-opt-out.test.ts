import { NEW_CONTACT } from '../../../src/call/contact/contact';
import { settle, type CallOptOut, type Confirmation } from '../../../src/call/contact/settle';
import { isOptedOut, optIn } from '../../../src/call/contact/opt-outs';

const NOW = Date.parse('2026-12-01T09:00:00Z');
const ENDED: Confirmation = {
  reference: 'default/call/a#1',
  dialed: true,
  outcome: 'answered',
  placedMs: NOW - 60_000,
  endedMs: NOW,
};
const WITH_OPT_OUT = { ...ENDED, optOut: { reference: ENDED.reference, atMs: NOW } };

it('records the opt-out of a call with its dial', () => {
  const contact = settle(NEW_CONTACT, WITH_OPT_OUT, NOW + 5);
  expect(contact.dials).toHaveLength(1);
  expect(contact.optOuts).toEqual([{ atMs: NOW + 5, reason: 'outcome of default/call/a#1' }]);
});

it('records it once if the report is repeated, and does not end a later opt-in', () => {
  const once = settle(NEW_CONTACT, WITH_OPT_OUT, NOW + 5);
  expect(settle(once, WITH_OPT_OUT, NOW + 6)).toBe(once);
  const back = optIn(once, undefined, NOW + 7);
  expect(isOptedOut(settle(back, WITH_OPT_OUT, NOW + 8))).toBe(false);
});

it('records it again after an opt-in if another call of the same attempt ends with it', () => {
  const back = optIn(settle(NEW_CONTACT, WITH_OPT_OUT, NOW + 5), undefined, NOW + 7);
  const later = { ...ENDED, endedMs: NOW + 90, optOut: { ...WITH_OPT_OUT.optOut, atMs: NOW + 90 } };
  expect(isOptedOut(settle(back, later, NOW + 95))).toBe(true);
});

it('records the opt-out of an earlier attempt with the release of the current one', () => {
  const optOut = { reference: 'default/call/a#1', atMs: NOW };
  const contact = settle(NEW_CONTACT, { reference: 'default/call/a#2', optOut }, NOW);
  expect(contact).toMatchObject({
    dials: [],
    optOuts: [{ reason: 'outcome of default/call/a#1' }],
  });
});

it('shows no number of the workflow ID, and still recognizes a repeated report', () => {
  const optOut = { reference: 'default/call/+14155550101#1', atMs: NOW };
  const once = settle(NEW_CONTACT, { ...ENDED, optOut }, NOW);
  expect(once.optOuts).toEqual([{ atMs: NOW, reason: 'outcome of default/call/+1•••01#1' }]);
  expect(isOptedOut(settle(optIn(once, undefined, NOW + 1), { ...ENDED, optOut }, NOW + 2))).toBe(
    false,
  );
});

it.each([null, 5, {}, { reference: 1, atMs: NOW }, { reference: 'a', atMs: 'now' }])(
  'ignores the unreadable opt-out %j of a report',
  (optOut) => {
    const sent = { ...ENDED, optOut: optOut as unknown as CallOptOut };
    expect(settle(NEW_CONTACT, sent, NOW)).toMatchObject({ dials: [{}], optOuts: [] });
  },
);
