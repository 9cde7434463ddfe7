import { NEW_CONTACT, type Contact } from '../../../src/call/contact/contact';
import { isOptedOut, optIn, optOut, restoreOptOuts } from '../../../src/call/contact/opt-outs';

const NOW = Date.parse('2026-12-01T09:00:00Z');

const out = optOut(NEW_CONTACT, 'asked by email', NOW);
const back = optIn(out, 'asked by phone', NOW + 5);
const withOptOuts = (optOuts: Contact['optOuts']): Contact => ({ ...NEW_CONTACT, optOuts });

describe('a reason', () => {
  it('is stored with phone numbers masked, at the opt-out and at the opt-in', () => {
    const first = optOut(NEW_CONTACT, 'call +14155550123, not (415) 555-0124', NOW);
    const second = optIn(first, 'from 0014155550123', NOW + 1);
    expect(second.optOuts).toMatchObject([
      { reason: 'call +1•••23, not •••24', endReason: 'from •••23' },
    ]);
  });

  it('is stored with at most 1,000 bytes', () => {
    const { optOuts } = optOut(NEW_CONTACT, 'é'.repeat(600), NOW);
    expect(optOuts[0]?.reason).toBe('é'.repeat(500));
  });

  it('of an earlier end is kept at the next opt-in', () => {
    const again = optIn(optOut(back, undefined, NOW + 10), 'later', NOW + 20);
    expect(again.optOuts).toEqual([
      { atMs: NOW, reason: 'asked by email', endedMs: NOW + 5, endReason: 'asked by phone' },
      { atMs: NOW + 10, endedMs: NOW + 20, endReason: 'later' },
    ]);
  });
});

describe('a restore', () => {
  it('brings back time, reason and end', () => {
    expect(restoreOptOuts(NEW_CONTACT, back.optOuts)).toEqual(back);
    expect(isOptedOut(restoreOptOuts(NEW_CONTACT, out.optOuts))).toBe(true);
  });

  it('adds nothing that is known, whatever its reason and end', () => {
    expect(restoreOptOuts(back, back.optOuts)).toBe(back);
    expect(restoreOptOuts(back, out.optOuts)).toBe(back);
    expect(restoreOptOuts(out, [{ atMs: NOW, reason: 'another' }])).toBe(out);
  });

  it('never allows a call: a known opt-out that the file contains as ended stays', () => {
    expect(restoreOptOuts(out, back.optOuts)).toBe(out);
  });

  it('sorts what it adds into what is known', () => {
    const restored = restoreOptOuts(withOptOuts([{ atMs: NOW + 9 }]), back.optOuts);
    expect(restored.optOuts.map(({ atMs }) => atMs)).toEqual([NOW, NOW + 9]);
  });

  it('brings back an opt-out in the millisecond in which the one before was ended', () => {
    const both = [{ atMs: NOW, endedMs: NOW }, { atMs: NOW }];
    const restored = restoreOptOuts(NEW_CONTACT, both);
    expect(restored.optOuts).toEqual(both);
    expect(restoreOptOuts(restored, both)).toBe(restored);
    expect(isOptedOut(restoreOptOuts(withOptOuts([{ atMs: NOW, endedMs: NOW }]), both))).toBe(true);
  });

  it('masks numbers in the reasons of a file, and keeps no other field', () => {
    const line = { atMs: NOW, reason: 'call +14155550123', endReason: '+14155550124', other: 1 };
    expect(restoreOptOuts(NEW_CONTACT, [line]).optOuts).toEqual([
      { atMs: NOW, reason: 'call +1•••23', endReason: '+1•••24' },
    ]);
  });
});
