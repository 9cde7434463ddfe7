import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from '../../../src/cli/events/diagnose/rules';
import { legacyText } from '../../../src/truedy/python-json';
import { sign } from '../../../src/truedy/signature';
import { bridge } from '../../webhook/support/bridge';
import { command, type Ran } from '../support/command';
import { SECRET, startListener } from '../support/listener';

const OTHER = 'whsec_older_0123456789abcdef';
const REFERENCE = 'default/call/order-1#2';
const folder = mkdtempSync(join(tmpdir(), 'verify-'));

interface Captured {
  readonly receivedAt: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer;
}
type Change = (captured: Captured) => Partial<Captured>;

let captured: Captured;
let stamp: string;
let signature: string;

beforeAll(async () => {
  const hooks = join(folder, 'hooks');
  const listener = await startListener(['--save', hooks]);
  const sent = await events(['trigger', 'call.ended', '--ref', REFERENCE, '--to', listener.url]);
  expect(sent).toMatchObject({ exit: 0, stderr: '' });
  await listener.stop();
  const about = JSON.parse(readFileSync(join(hooks, '1/headers.json'), 'utf8'));
  captured = { ...about, body: readFileSync(join(hooks, '1/body')) };
  stamp = String(captured.headers['X-Truedy-Timestamp']);
  signature = String(captured.headers['X-Truedy-Signature']);
});

afterAll(() => rmSync(folder, { recursive: true }));

function events(argv: readonly string[], settings: Record<string, string> = {}): Promise<Ran> {
  return command(['events', ...argv], { TRUEDY_WEBHOOK_SECRETS: SECRET, ...settings });
}

/** Saves the captured delivery with one change. */
function altered(change: Change) {
  const { body, ...about } = { ...captured, ...change(captured) };
  const path = mkdtempSync(join(folder, 'one-'));
  writeFileSync(join(path, 'body'), body);
  writeFileSync(join(path, 'headers.json'), JSON.stringify(about));
  return { path, body, ...about };
}

async function verdictOn(path: string, flags: readonly string[] = [], settings = {}) {
  const { exit, stdout, stderr } = await events(['verify', path, '-o', 'json', ...flags], settings);
  expect(stderr).toBe('');
  return { exit, ...JSON.parse(stdout) };
}

/** The bridge's own response, as of the instant of the capture. */
async function answered({ headers, body, receivedAt }: ReturnType<typeof altered>) {
  const { app } = bridge({ secrets: [SECRET], now: () => Date.parse(receivedAt) });
  const list = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const init = { method: 'POST', headers: new Headers(list), body: new Uint8Array(body) };
  return (await app.request('/webhooks/truedy', init)).status;
}

const text = () => captured.body.toString();
const withHeader = (name: string, value: string | string[]): Change => {
  return ({ headers }) => ({ headers: { ...headers, [name]: value } });
};
const without = (...names: readonly string[]): Change => {
  return ({ headers }) => ({
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))),
  });
};
const renamed = (from: string, to: string): Change => {
  return (one) => withHeader(to, one.headers[from] ?? '')({ ...one, ...without(from)(one) });
};
/** A body with a valid signature. */
const signedBody = (body: string | Buffer): Partial<Captured> => ({
  headers: {
    ...captured.headers,
    'X-Truedy-Signature': sign({ secret: SECRET, timestamp: stamp, rawBody: body }),
  },
  body: Buffer.from(body),
});
const stampedAt = (timestamp: string): Partial<Captured> => ({
  headers: {
    ...captured.headers,
    'X-Truedy-Timestamp': timestamp,
    'X-Truedy-Signature': sign({ secret: SECRET, timestamp, rawBody: captured.body }),
  },
});
const base64 = () => Buffer.from(signature, 'hex').toString('base64');
const bodyOf = (more: object) => JSON.stringify({ ...JSON.parse(text()), ...more });
const SIGNATURE = 'X-Truedy-Signature';
const TIMESTAMP = 'X-Truedy-Timestamp';

const BROKEN: readonly [
  rule: (typeof RULES)[number],
  how: string,
  change: Change,
  problem: RegExp,
][] = [
  ['too_large', 'its size', () => signedBody('x'.repeat(1024 * 1024 + 1)), /larger than 1 MiB/],
  ['content_encoding', 'compressed', withHeader('content-encoding', 'gzip'), /compressed/],
  ['content_type', 'a form', withHeader('Content-Type', 'text/plain'), /Content-Type is wrong/],
  ['content_type', 'untyped', without('Content-Type'), /Content-Type is missing/],
  [
    'header_doubled',
    'two signatures',
    (one) => withHeader(SIGNATURE, [signature, signature])(one),
    /x-truedy-signature appears more than once/,
  ],
  [
    'header_doubled',
    'two timestamps, in different case',
    (one) => withHeader('x-truedy-timestamp', stamp)(one),
    /x-truedy-timestamp appears more than once/,
  ],
  [
    'header_spelling',
    'a signature header in the other spelling',
    renamed(SIGNATURE, 'X-Trudy-Signature'),
    /x-truedy-timestamp and x-trudy-signature do not belong together/,
  ],
  [
    'header_spelling',
    "another vendor's names",
    (one) => ({
      headers: { ...without(SIGNATURE, TIMESTAMP)(one).headers, 'X-Hub-Signature': 'a' },
    }),
    /but are X-Hub-Signature/,
  ],
  [
    'header_missing',
    'no signature',
    without(SIGNATURE),
    /the header x-truedy-signature is missing/,
  ],
  [
    'header_missing',
    'an empty timestamp',
    withHeader(TIMESTAMP, ''),
    /x-truedy-timestamp is missing/,
  ],
  [
    'header_missing',
    'neither',
    without(SIGNATURE, TIMESTAMP),
    /x-truedy-timestamp and x-truedy-signature are missing/,
  ],
  ['timestamp_form', 'milliseconds', () => stampedAt(`${stamp}000`), /is in milliseconds/],
  ['timestamp_form', 'words', () => stampedAt('yesterday'), /has an unknown format/],
  ['stale', 'its age', () => stampedAt(String(Number(stamp) - 400)), /40[01] s old; at most 300 s/],
  ['future', 'its clock', () => stampedAt(String(Number(stamp) + 90)), /(89|90) s in the future/],
  [
    'signature_form',
    'base64',
    (one) => withHeader(SIGNATURE, base64())(one),
    /is base64.*correct for secret …cdef/,
  ],
  [
    'signature_form',
    'a prefix',
    (one) => withHeader(SIGNATURE, `sha256=${signature}`)(one),
    /begins with sha256=.*correct for secret …cdef/,
  ],
  [
    'signature_form',
    'upper case',
    (one) => withHeader(SIGNATURE, signature.toUpperCase())(one),
    /upper case.*correct for secret …cdef/,
  ],
  [
    'signature_form',
    'short',
    (one) => withHeader(SIGNATURE, signature.slice(1))(one),
    /63 characters/,
  ],
  [
    'wrong_secret',
    'signed with another secret',
    (one) => {
      const { body } = one;
      const by = sign({ secret: OTHER, timestamp: stamp, rawBody: body });
      return withHeader(SIGNATURE, by)(one);
    },
    /does not match the secret \(…cdef\)/,
  ],
  [
    'wrong_secret',
    'a changed value',
    () => ({ body: Buffer.from(text().replace('Sarah', 'Sally')) }),
    /does not match the secret/,
  ],
  [
    'not_utf8',
    'Latin-1',
    () => signedBody(Buffer.from(text().replace('Sarah', 'Zoë'), 'latin1')),
    /not UTF-8/,
  ],
  ['not_json', 'cut', () => signedBody(text().slice(0, -1)), /not one JSON document$/],
  ['not_json', 'a mark', () => signedBody(`\ufeff${text()}`), /byte order mark/],
  [
    'unreasonable',
    'a duplicate key',
    () => signedBody(text().replace('{', '{"event":"x",')),
    /repeats a key/,
  ],
  ['shape', 'no event', () => signedBody(bodyOf({ event: '' })), /no event/],
  ['shape', 'no data', () => signedBody(bodyOf({ data: [] })), /no data object/],
  ['shape', 'no call', () => signedBody(bodyOf({ data: {} })), /identifies no call/],
  ['shape', 'a list', () => signedBody('[]'), /not a JSON object/],
];

describe('a delivery that was captured', () => {
  it('is accepted, and the output names its run', async () => {
    const { exit, ...verdict } = await verdictOn(altered(() => ({})).path);
    expect(exit).toBe(0);
    expect(verdict).toMatchObject({
      taken: true,
      status: 204,
      rule: null,
      event: 'call.ended',
      used: true,
      reference: REFERENCE,
      namespace: 'default',
      workflowId: 'call/order-1',
      attempt: 2,
      secret: '…cdef',
    });
  });

  it.each([
    [
      'with headers in the other spelling',
      (one: Captured) => {
        const { headers } = { ...one, ...renamed(SIGNATURE, 'X-Trudy-Signature')(one) };
        return renamed(TIMESTAMP, 'X-Trudy-Timestamp')({ ...one, headers });
      },
    ],
    ['with an event that no run uses', () => signedBody(bodyOf({ event: 'batch.completed' }))],
  ] as [string, Change][])('is accepted %s, too', async (_, change) => {
    const one = altered(change);
    expect(await verdictOn(one.path)).toMatchObject({ exit: 0, taken: true, rule: null });
    expect(await answered(one)).toBe(204);
  });

  it('is accepted with the second secret, which the output names', async () => {
    const settings = { TRUEDY_WEBHOOK_SECRETS: `whsec_newer_0123456789_9f2c,${SECRET}` };
    const { path } = altered(() => ({}));
    expect(await verdictOn(path, [], settings)).toMatchObject({ exit: 0, secret: '…cdef' });
  });

  it.each(BROKEN)('breaks only %s: %s', async (rule, _, change, problem) => {
    const one = altered(change);
    const verdict = await verdictOn(one.path);
    expect(verdict).toMatchObject({
      exit: rule === 'wrong_secret' ? 3 : 2,
      taken: false,
      rule,
      problem: expect.stringMatching(problem),
      fix: [expect.stringMatching(/^(temporal|TRUEDY_WEBHOOK_SECRETS=)/)],
      event: null,
    });
    expect(await answered(one)).toBe(verdict.status);
  });

  it.each([
    [
      'compact JSON',
      'indented in transit',
      (json: object) => JSON.stringify(json),
      (json: object) => JSON.stringify(json, null, 2),
    ],
    [
      'JSON indented by 2',
      'compacted',
      (json: object) => JSON.stringify(json, null, 2),
      JSON.stringify,
    ],
    [
      'JSON indented by 4',
      'compacted',
      (json: object) => JSON.stringify(json, null, 4),
      JSON.stringify,
    ],
    [
      'compact JSON with sorted keys',
      'in another order',
      (json: object) => JSON.stringify({ a: json, b: 1 }),
      (json: object) => JSON.stringify({ b: 1, a: json }),
    ],
    [
      "ASCII JSON with Python's separators and sorted keys",
      "as Truedy's old backend does",
      (json: object) => legacyText(JSON.stringify(json)),
      (json: object) => JSON.stringify(Object.fromEntries(Object.entries(json).reverse())),
    ],
    [
      'the same text with a line break at its end',
      'trimmed',
      (json: object) => `${JSON.stringify(json)}\n`,
      JSON.stringify,
    ],
    [
      'the same text without its last line break',
      'with a line break added',
      JSON.stringify,
      (json: object) => `${JSON.stringify(json)}\n`,
    ],
  ] as [string, string, (json: object) => string, (json: object) => string][])(
    'was signed as %s: %s',
    async (name, _, asSigned, asSent) => {
      // Already sorted, so that each case differs in one thing only.
      const json = { data: { name: 'Zoë', ok: true }, event: 'call.ended' };
      const one = altered(() => ({
        ...signedBody(asSigned(json)),
        body: Buffer.from(asSent(json)),
      }));
      const { exit, rule, problem } = await verdictOn(one.path);
      expect({ exit, rule, problem }).toEqual({
        exit: 2,
        rule: 'body_reformatted',
        problem: expect.stringContaining(`the sender signed ${name}, with secret …cdef`),
      });
      expect(await answered(one)).toBe(401);
    },
  );

  it('covers every rule above', () => {
    const provoked = new Set([...BROKEN.map(([rule]) => rule), 'body_reformatted']);
    expect([...provoked].sort()).toEqual([...RULES].sort());
  });
});

describe('the age of a delivery', () => {
  const LATER = '2036-01-01T00:00:00Z';

  it('is checked as of its capture, or as of another instant on request', async () => {
    const { path } = altered(() => ({}));
    expect(await verdictOn(path, ['--at', LATER])).toMatchObject({ exit: 2, rule: 'stale' });
  });

  it('is ignored on request', async () => {
    const { path } = altered(() => stampedAt('1500000000'));
    expect(await verdictOn(path)).toMatchObject({ rule: 'stale' });
    expect(await verdictOn(path, ['--ignore-age'])).toMatchObject({ exit: 0, ageSeconds: 0 });
  });

  it('is reported together with a signature that is wrong too', async () => {
    const { path } = altered((one) => withHeader(TIMESTAMP, '1500000000')(one));
    const { stdout } = await events(['verify', path]);
    expect(stdout).toContain('and not signed with our secrets either');
  });

  it('is checked as of now if the capture has no time', async () => {
    const { path } = altered(() => stampedAt('1500000000'));
    const headers = join(path, 'bare.json');
    const { headers: bare } = JSON.parse(readFileSync(join(path, 'headers.json'), 'utf8'));
    writeFileSync(headers, JSON.stringify(bare));
    const flags = ['--body', join(path, 'body'), '--headers', headers];
    const { exit, stdout } = await events(['verify', '-o', 'json', ...flags]);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ rule: 'stale' });
  });

  it.each(['soon', '2026-02-31T00:00:00Z'])('is not checked as of %s', async (at) => {
    const { exit, stderr } = await events(['verify', altered(() => ({})).path, '--at', at]);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringMatching(/^TT3002 .*--at/) });
  });
});

describe('the output', () => {
  it('contains the rule, the facts, a cause and the command', async () => {
    const { path } = altered(() => stampedAt(String(Number(stamp) - 3_600)));
    const { exit, stdout, stderr } = await events(['verify', path]);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^TT4002 {2}Webhook refused \(401\), stale: .*\.$/);
    expect(lines[1]).toMatch(/^ {8}\d+ bytes, secret …cdef, 60 min old, checked as of /);
    expect(lines.at(-1)).toBe(`        temporal truedy events replay ${path}`);
  });

  it.each([['text'], ['json']])(
    'contains no secret, number or text of the call: %s',
    async (format) => {
      const output: string[] = [];
      for (const change of [() => ({}), ...BROKEN.map(([, , one]) => one)]) {
        const { stdout, stderr } = await events(['verify', altered(change).path, '-o', format]);
        output.push(stdout, stderr);
      }
      expect(output.join('\n')).not.toMatch(
        /whsec_test|0123456789|5550101|5550102|Sarah|Sally|sample\./,
      );
    },
  );

  it('masks a number inside an id from the sender', async () => {
    const { path } = altered(() => signedBody(bodyOf({ id: 'evt +14155550101 \u001b[2J' })));
    const { deliveryId } = await verdictOn(path);
    expect(deliveryId).toBe('evt +1•••01 ·[2J');
  });
});

describe('a saved delivery that cannot be read', () => {
  it.each([
    ['a folder that does not exist', ['nowhere-at-all']],
    ['neither folder nor files', []],
    ['a body alone', ['--body', __filename]],
    ['both', [tmpdir(), '--body', __filename]],
    ['headers that are not JSON', ['--body', __filename, '--headers', __filename]],
  ])('exits with 2: %s', async (_, flags) => {
    const { exit, stdout, stderr } = await events(['verify', ...flags]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^TT4003 {2}/);
  });

  it('and a missing secret exits with 3', async () => {
    const { path } = altered(() => ({}));
    const { exit, stderr } = await events(['verify', path], { TRUEDY_WEBHOOK_SECRETS: '' });
    expect({ exit, stderr }).toEqual({
      exit: 3,
      stderr: expect.stringMatching(/^TT2001 .*TRUEDY_WEBHOOK_SECRETS is empty/),
    });
  });
});
