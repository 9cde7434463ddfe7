import { hostname } from 'node:os';
import {
  contactFingerprint,
  fingerprintIn,
  workerIdentity,
} from '../../src/temporal/contact-fingerprint';
import { contactWorkflowId } from '../../src/temporal/contacts';

const KEY = '0123456789abcdef';
const POLICY = { perDay: 3, perWeek: 7, timeZone: 'UTC' };
const USUAL = `${process.pid}@${hostname()}`;

it('the fingerprint is the same for the same policy and key, whatever the order of fields', () => {
  const reordered = { timeZone: 'UTC', perWeek: 7, perDay: 3 };
  const fingerprint = contactFingerprint({ policy: POLICY, key: KEY });
  expect(fingerprint).toMatch(/^[0-9a-f]{8}$/);
  expect(contactFingerprint({ policy: reordered, key: KEY })).toBe(fingerprint);
});

it.each([
  ['another key', { policy: POLICY, key: `${KEY}0` }],
  ['another limit', { policy: { ...POLICY, perDay: 4 }, key: KEY }],
  ['a further limit', { policy: { ...POLICY, concurrent: 1 }, key: KEY }],
  ['a gap', { policy: { ...POLICY, minGapMs: 60_000 }, key: KEY }],
  ['another zone', { policy: { ...POLICY, timeZone: 'Asia/Tokyo' }, key: KEY }],
])('the fingerprint differs for %s', (_, other) => {
  expect(contactFingerprint(other)).not.toBe(contactFingerprint({ policy: POLICY, key: KEY }));
});

it('the fingerprint is not a part of the hash of a number', () => {
  const id = contactWorkflowId(KEY, '+14155550101');
  expect(id).not.toContain(contactFingerprint({ policy: POLICY, key: KEY }));
});

it('the identity of a worker with a policy is the usual one and the fingerprint', () => {
  const contacts = { policy: POLICY, key: KEY };
  const identity = `${USUAL} contacts:${contactFingerprint(contacts)}`;
  expect(workerIdentity(undefined, contacts)).toBe(identity);
  // As a plugin gets it from the user's worker.
  expect(workerIdentity(USUAL, contacts)).toBe(identity);
  expect(identity).not.toContain(KEY.slice(0, 6));
  expect(fingerprintIn(identity)).toBe(contactFingerprint(contacts));
});

it('the identity stays as it is without a policy, and if the user set one', () => {
  expect(workerIdentity(undefined, undefined)).toBeUndefined();
  expect(workerIdentity('mine', undefined)).toBe('mine');
  expect(workerIdentity('mine', { policy: POLICY, key: KEY })).toBe('mine');
});

it.each([
  ['12@host', 'none'],
  ['12@host contacts:0123abcd', '0123abcd'],
  ['12@host contacts:xyz', 'hidden'],
  ['mine', 'hidden'],
  ['', 'hidden'],
])('the identity %j shows %j', (identity, shows) => {
  expect(fingerprintIn(identity)).toBe(shows);
});
