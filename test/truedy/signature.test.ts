import * as fc from 'fast-check';
import { isFresh, isSigned, readClaim, sign } from '../../src/truedy/signature';

const SECRET = 'whsec_test_0123456789abcdef';
const TIMESTAMP = '1774017120';
const BODY =
  '{"event":"call.ended","timestamp":"2026-03-18T14:32:00.000Z","data":{"event":"call.ended","call":{"callId":"uv_call_123"},"id":"uv_evt_123"}}';
const SIGNATURE = '4001ad6a71141897f81fff847630e22c5af7c1a5f1ca253e41d0f7452722d027';

const LEGACY_BODY =
  '{"event":"call.ended","data":{"call":{"callId":"uv_call_123"},"note":"café"},"timestamp":"2026-03-18T14:32:00.000000"}';
const LEGACY_TEXT =
  '{"data": {"call": {"callId": "uv_call_123"}, "note": "caf\\u00e9"}, "event": "call.ended", "timestamp": "2026-03-18T14:32:00.000000"}';
const LEGACY_SIGNATURE = '255ae4b9a2c795b74ff2d0e4bfab087d7b63c4e88c2fdd6ab5ae9c3dd17b96be';

function signed(told: {
  signature?: string;
  timestamp?: string;
  body?: string | Uint8Array;
  secrets?: string[];
}) {
  const { signature = SIGNATURE, timestamp = TIMESTAMP, body = BODY, secrets = [SECRET] } = told;
  return isSigned({ signature, timestamp, rawBody: Buffer.from(body), secrets });
}

describe('sign', () => {
  it.each([
    ['the documented form', BODY, SIGNATURE],
    [
      'a body beyond ASCII',
      LEGACY_BODY,
      '3f916e177223db22cff1fc5ef1906449e3a4cefc173b54df50aaae1c558f5348',
    ],
    ['the text the legacy code signs', LEGACY_TEXT, LEGACY_SIGNATURE],
  ])('makes the known signature of %s', (_, rawBody, signature) => {
    expect(sign({ secret: SECRET, timestamp: TIMESTAMP, rawBody })).toBe(signature);
  });

  it('signs bytes as it signs their text', () => {
    const rawBody = Buffer.from(LEGACY_BODY);
    expect(sign({ secret: SECRET, timestamp: TIMESTAMP, rawBody })).toBe(
      sign({ secret: SECRET, timestamp: TIMESTAMP, rawBody: LEGACY_BODY }),
    );
  });
});

describe('isSigned', () => {
  it('takes the known signature', () => {
    expect(signed({})).toBe(true);
  });

  it('takes what sign made, for any body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ minLength: 1 }), (rawBody, secret) => {
        const signature = sign({ secret, timestamp: TIMESTAMP, rawBody });
        expect(isSigned({ signature, timestamp: TIMESTAMP, rawBody, secrets: [secret] })).toBe(
          true,
        );
      }),
    );
  });

  it('takes the signature by a second active secret', () => {
    expect(signed({ secrets: ['whsec_new', SECRET] })).toBe(true);
  });

  it.each([
    ['another secret', { secrets: ['whsec_other'] }],
    ['no secret', { secrets: [] }],
    ['another timestamp', { timestamp: '1774017121' }],
    ['one space more', { body: `${BODY} ` }],
    ['the same JSON in other words', { body: JSON.stringify(JSON.parse(BODY), null, 1) }],
    [
      'a sign moved from the body into the timestamp',
      { timestamp: `${TIMESTAMP}.{`, body: BODY.slice(1) },
    ],
    ['63 digits', { signature: SIGNATURE.slice(1) }],
    ['65 digits', { signature: `${SIGNATURE}0` }],
    ['good digits with a tail', { signature: `${SIGNATURE}zz` }],
    ['upper case', { signature: SIGNATURE.toUpperCase() }],
    ['no hex', { signature: 'z'.repeat(64) }],
    ['base64', { signature: Buffer.from(SIGNATURE, 'hex').toString('base64') }],
    ['a prefix', { signature: `sha256=${SIGNATURE}` }],
    ['a leading space', { signature: ` ${SIGNATURE}` }],
    ['a trailing space', { signature: `${SIGNATURE} ` }],
    ['a line break at its end', { signature: `${SIGNATURE}\n` }],
    ['two signatures in one header', { signature: `${SIGNATURE}, ${SIGNATURE}` }],
    ['Latin-1 letters', { signature: 'é'.repeat(64) }],
    ['10 kB', { signature: 'a'.repeat(10_000) }],
    ['nothing', { signature: '' }],
  ])('refuses %s', (_, told) => {
    expect(signed(told)).toBe(false);
  });

  it('refuses a body with one bit flipped', () => {
    const bits = fc.integer({ min: 0, max: Buffer.byteLength(BODY) * 8 - 1 });
    fc.assert(
      fc.property(bits, (bit) => {
        const body = Buffer.from(BODY);
        body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(signed({ body })).toBe(false);
      }),
    );
  });

  it('refuses what the legacy code signs, since it sends other bytes', () => {
    expect(signed({ body: LEGACY_BODY, signature: LEGACY_SIGNATURE })).toBe(false);
  });
});

describe('readClaim', () => {
  const NEW = { 'x-truedy-timestamp': '1', 'x-truedy-signature': 'a' };
  const OLD = { 'x-trudy-timestamp': '2', 'x-trudy-signature': 'b' };

  it.each([
    ['X-Truedy-*', NEW, { timestamp: '1', signature: 'a' }],
    ['X-Trudy-*', OLD, { timestamp: '2', signature: 'b' }],
    ['both: X-Truedy-* alone', { ...OLD, ...NEW }, { timestamp: '1', signature: 'a' }],
    [
      'half of X-Truedy-* and all of X-Trudy-*',
      { ...OLD, 'x-truedy-timestamp': '1' },
      { timestamp: '2', signature: 'b' },
    ],
    ['nothing', {}, undefined],
    ['no signature', { 'x-truedy-timestamp': '1' }, undefined],
    ['no timestamp', { 'x-truedy-signature': 'a' }, undefined],
    ['an empty pair', { 'x-truedy-timestamp': '', 'x-truedy-signature': '' }, undefined],
    ['halves of both families', { 'x-truedy-timestamp': '1', 'x-trudy-signature': 'b' }, undefined],
    [
      'halves the other way round',
      { 'x-trudy-timestamp': '2', 'x-truedy-signature': 'a' },
      undefined,
    ],
  ])('of %s', (_, headers: Record<string, string>, claim) => {
    expect(readClaim((name) => headers[name])).toEqual(claim);
  });
});

describe('isFresh', () => {
  const NOW = 1_774_017_120_000;
  const unix = (ageSeconds: number) => String(NOW / 1_000 - ageSeconds);
  const iso = (ageSeconds: number) => new Date(NOW - ageSeconds * 1_000).toISOString();

  it.each([
    [0, true],
    [299, true],
    [300, true],
    [301, false],
    [-59, true],
    [-60, true],
    [-61, false],
    [86_400, false],
  ])('of an age of %d s is %s, in seconds and as ISO', (age, fresh) => {
    expect(isFresh(unix(age), NOW)).toBe(fresh);
    expect(isFresh(iso(age), NOW)).toBe(fresh);
    expect(isFresh(iso(age).replace('Z', ''), NOW)).toBe(fresh);
  });

  it.each([
    '2026-03-20T14:32:00Z',
    '2026-03-20T14:32:00.000000',
    '2026-03-20T14:32:00.123456789Z',
    '2026-03-20T16:32:00+02:00',
    '2026-03-20T09:32:00.5-05:00',
  ])('reads %s', (timestamp) => {
    expect(isFresh(timestamp, NOW)).toBe(true);
  });

  it.each([
    '1774017120abc',
    '1.774017120e9',
    '0x69bd5ae0',
    ' 1774017120',
    '1774017120 ',
    '1774017120\n',
    '+1774017120',
    '-1774017120',
    '1774017120000',
    '177401712',
    '1774017120.0',
    '',
    '١٧٧٤٠١٧١٢٠',
    'NaN',
    'Infinity',
    '2026-03-20 14:32:00Z',
    '2026-03-20T14:32:00z',
    '2026-03-20T14:32Z',
    '2026-03-20',
    '2026-W12-5T14:32:00Z',
    '2026-079T14:32:00Z',
    '26-03-20T14:32:00Z',
    '2026-03-20T25:32:00Z',
    '2026-03-20T14:60:00Z',
    '2026-03-20T14:32:60Z',
    '2026-03-20T14:32:00+0200',
    '2026-03-20T14:32:00Z\n',
    'Fri, 20 Mar 2026 14:32:00 GMT',
  ])('reads no time from %j', (timestamp) => {
    expect(isFresh(timestamp, NOW)).toBe(false);
  });

  it.each([
    ['2026-02-31T00:00:00Z', '2026-03-03T00:00:00Z'],
    ['2026-02-29T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['2026-04-31T00:00:00Z', '2026-05-01T00:00:00Z'],
    ['2026-13-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['2026-03-00T00:00:00Z', '2026-02-28T00:00:00Z'],
    ['2026-03-20T24:00:00Z', '2026-03-21T00:00:00Z'],
  ])('does not take %s for %s', (timestamp, other) => {
    expect(isFresh(timestamp, Date.parse(other))).toBe(false);
  });

  it('knows a leap day', () => {
    expect(isFresh('2028-02-29T12:00:00Z', Date.parse('2028-02-29T12:00:00Z'))).toBe(true);
  });
});
