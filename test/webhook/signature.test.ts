import { sign } from '../../src/truedy/signature';
import { bridge, ended, headersFor, NOW_MS, OTHER_SECRET, seconds, SECRET } from './support/bridge';

const BODY = ended();
const TIMESTAMP = seconds(NOW_MS);
const SIGNATURE = sign({ secret: SECRET, timestamp: TIMESTAMP, rawBody: BODY });
const JSON_TYPE = { 'content-type': 'application/json' };

/** What the sender sees of the answer. */
async function seen(answer: Response) {
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
  };
}

/** Headers that claim what they are told to; each test changes one. */
function claim(told: { timestamp?: string; signature?: string }): Record<string, string> {
  const { timestamp = TIMESTAMP, signature = SIGNATURE } = told;
  return { ...JSON_TYPE, 'x-truedy-timestamp': timestamp, 'x-truedy-signature': signature };
}

/** A claim over this timestamp that is signed as it says. */
function signedAt(timestamp: string): Record<string, string> {
  return headersFor(BODY, { timestamp });
}

function flipped(text: string): string {
  return text.replace('87', '97');
}

describe('a delivery without proof', () => {
  const forged: [what: string, headers: Record<string, string>, body?: string][] = [
    ['no signature', { ...JSON_TYPE, 'x-truedy-timestamp': TIMESTAMP }],
    ['no timestamp', { ...JSON_TYPE, 'x-truedy-signature': SIGNATURE }],
    ['neither', JSON_TYPE],
    ['both empty', claim({ timestamp: '', signature: '' })],
    [
      'the timestamp of one family and the signature of the other',
      { ...JSON_TYPE, 'x-truedy-timestamp': TIMESTAMP, 'x-trudy-signature': SIGNATURE },
    ],
    [
      'a bad pair of X-Truedy-* beside a good one of X-Trudy-*',
      {
        ...claim({ signature: '0'.repeat(64) }),
        'x-trudy-timestamp': TIMESTAMP,
        'x-trudy-signature': SIGNATURE,
      },
    ],
    ['two signatures in one header', claim({ signature: `${SIGNATURE}, ${'0'.repeat(64)}` })],
    ['63 digits', claim({ signature: SIGNATURE.slice(1) })],
    ['65 digits', claim({ signature: `${SIGNATURE}0` })],
    ['no hex', claim({ signature: 'g'.repeat(64) })],
    ['base64', claim({ signature: Buffer.from(SIGNATURE, 'hex').toString('base64') })],
    ['a prefix', claim({ signature: `sha256=${SIGNATURE}` })],
    ['signs after the digits', claim({ signature: `${SIGNATURE}zz` })],
    ['upper case', claim({ signature: SIGNATURE.toUpperCase() })],
    ['Latin-1', claim({ signature: `é${SIGNATURE.slice(1)}` })],
    ['10 kB', claim({ signature: 'a'.repeat(10_000) })],
    ['the signature by another secret', headersFor(BODY, { secret: OTHER_SECRET })],
    ['the signature by an empty secret', headersFor(BODY, { secret: '' })],
    ['a timestamp one second later than signed', claim({ timestamp: seconds(NOW_MS + 1_000) })],
    ['a body changed by one digit', claim({}), flipped(BODY)],
    ['a body with a space more', claim({}), `${BODY} `],
    [
      'a digit moved from the timestamp to the body',
      {
        ...JSON_TYPE,
        'x-truedy-timestamp': TIMESTAMP.slice(0, 9),
        'x-truedy-signature': sign({
          secret: SECRET,
          timestamp: TIMESTAMP.slice(0, 9),
          rawBody: `0.${BODY}`,
        }),
      },
      `0.${BODY}`,
    ],
    ...[
      '1700000000abc',
      '1.7e9',
      '0x6553f100',
      '+1773844320',
      '1773844320000',
      '-1773844320',
      '2026-02-31T14:32:00Z',
      '2026-W12-3T14:32:00Z',
      '2026-03-18T25:32:00Z',
      '26-03-18T14:32:00Z',
      '2026-03-18 14:32:00Z',
    ].map((timestamp): [string, Record<string, string>] => [
      `the timestamp ${timestamp}, signed`,
      signedAt(timestamp),
    ]),
    ['an age of 301 s', signedAt(seconds(NOW_MS - 301_000))],
    ['61 s ahead', signedAt(seconds(NOW_MS + 61_000))],
    ['an age of 301 s, as ISO', signedAt(new Date(NOW_MS - 301_000).toISOString())],
    ['61 s ahead, as ISO', signedAt(new Date(NOW_MS + 61_000).toISOString())],
  ];

  it.each(forged)('is refused: %s', async (_, headers, body = BODY) => {
    const { post, asked, signals } = bridge();
    expect((await post(body, headers)).status).toBe(401);
    expect({ asked, signals }).toEqual({ asked: [], signals: [] });
  });

  it('learns nothing from its answer', async () => {
    const { post } = bridge();
    const answers = [];
    for (const [, headers, body = BODY] of forged) {
      answers.push(JSON.stringify(await seen(await post(body, headers))));
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('is not read before its claim is in order', async () => {
    const { app } = bridge();
    let pulled = 0;
    const body = new ReadableStream(
      {
        pull: (controller) => {
          pulled += 1;
          controller.enqueue(new Uint8Array(1024));
        },
      },
      { highWaterMark: 0 },
    );
    const headers = signedAt(seconds(NOW_MS - 301_000));
    const init = { method: 'POST', headers, body, duplex: 'half' };
    expect((await app.request('/webhooks/truedy', init)).status).toBe(401);
    expect(pulled).toBe(0);
  });

  it('is told from a stale one in the log alone', async () => {
    const { post, received } = bridge();
    await post(BODY, JSON_TYPE);
    await post(BODY, signedAt(seconds(NOW_MS - 301_000)));
    await post(BODY, claim({ signature: '0'.repeat(64) }));
    expect(received.map(({ fate }) => fate)).toEqual(['unsigned', 'stale', 'forged']);
  });
});

describe('a genuine delivery', () => {
  it.each([
    ['now', seconds(NOW_MS)],
    ['299 s old', seconds(NOW_MS - 299_000)],
    ['59 s ahead', seconds(NOW_MS + 59_000)],
    ['299 s old, as ISO', new Date(NOW_MS - 299_000).toISOString()],
    ['59 s ahead, as ISO', new Date(NOW_MS + 59_000).toISOString()],
    ['as ISO without a zone', '2026-03-18T14:32:00.123456'],
    ['as ISO with an offset', '2026-03-18T16:32:00+02:00'],
  ])('is taken: %s', async (_, timestamp) => {
    const { post, signals } = bridge();
    expect((await post(BODY, signedAt(timestamp))).status).toBe(204);
    expect(signals).toHaveLength(1);
  });

  it('is taken with X-Trudy-* headers', async () => {
    const { post, signals } = bridge();
    const headers = {
      ...JSON_TYPE,
      'x-trudy-timestamp': TIMESTAMP,
      'x-trudy-signature': SIGNATURE,
    };
    expect((await post(BODY, headers)).status).toBe(204);
    expect(signals).toHaveLength(1);
  });

  it.each([SECRET, OTHER_SECRET])('is taken by every active secret: %s', async (secret) => {
    const { post } = bridge({ secrets: [SECRET, OTHER_SECRET] });
    expect((await post(BODY, headersFor(BODY, { secret }))).status).toBe(204);
  });

  it('is refused once its secret is retired', async () => {
    const { post } = bridge({ secrets: [OTHER_SECRET] });
    expect((await post(BODY, headersFor(BODY, { secret: SECRET }))).status).toBe(401);
  });

  it('has no effect with a fraction of its timestamp moved into its body', async () => {
    const { post, signals } = bridge();
    const timestamp = '2026-03-18T14:32:00';
    const body = `123.${BODY}`;
    expect((await post(body, headersFor(body, { timestamp }))).status).toBe(422);
    expect(signals).toEqual([]);
  });

  it.each(['once more as it is', 'signed again'])('is answered alike: %s', async (how) => {
    const { post, signals } = bridge();
    await post(BODY, claim({}));
    const again = how === 'signed again' ? signedAt(seconds(NOW_MS + 1_000)) : claim({});
    expect((await post(BODY, again)).status).toBe(204);
    expect(signals[1]).toEqual(signals[0]);
  });
});
