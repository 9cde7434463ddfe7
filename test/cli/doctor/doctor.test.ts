import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { checkNode } from '../../../src/cli/doctor/doctor';
import { addSearchAttributes } from '../../../src/temporal/search-attributes';
import { SEARCH_ATTRIBUTES } from '../../../src/workflows/search-attributes';
import { closeServers, serveHttp, serveSilent } from '../../truedy/support/local-server';
import { newNamespace } from '../../support/namespace';
import { testAddress, testClient } from '../../support/temporal';
import { run } from '../support/run';
import { foundBy, SECRET, startSetUp, type SetUp } from '../support/set-up';

const OTHER_SECRET = 'whsec_other_9876543210zyxwvu';

let setUp: SetUp;
let temporal: Awaited<ReturnType<typeof testClient>>;
beforeAll(async () => {
  [setUp, temporal] = await Promise.all([startSetUp(), testClient()]);
});
afterEach(async () => {
  await setUp.plan({ reset: true });
  await closeServers();
});
afterAll(async () => {
  await setUp.stop();
  await temporal.close();
});

/** Runs the doctor and returns the finding of one check with the exit code. */
async function look(
  check: string,
  change: Readonly<Record<string, string>>,
  ...flags: readonly string[]
) {
  const ran = await setUp.doctor([...flags, '-o', 'json'], change);
  const found = foundBy(ran).find((finding) => finding.check === check);
  return { exit: ran.exit, ...found, all: foundBy(ran) };
}

const marksOf = (found: readonly { check: string; mark: string }[], ...checks: string[]) =>
  checks.map((check) => found.find((finding) => finding.check === check)?.mark);

/** Places calls at the simulator, so that its listing has rows. */
async function placeCalls(count: number): Promise<void> {
  const { TRUEDY_BASE_URL: baseUrl, TRUEDY_API_KEY: apiKey } = setUp.settings;
  for (let number = 1; number <= count; number += 1) {
    const answer = await fetch(`${baseUrl}/calls`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        agent_id: 'agent_1',
        phone_number: '+14155550110',
        variables: { temporal_ref: `default/call/${number}#1` },
      }),
    });
    expect(answer.status).toBe(201);
  }
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the doctor in a healthy setup', () => {
  it('finds no problem, exits with 0, and places no call', async () => {
    const { exit, stdout, stderr } = await run(['doctor', '--agent', 'agent_1'], setUp.settings);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const lines = stdout.split('\n').filter((line) => /^ {2}\S/.test(line));
    expect(lines).toHaveLength(21);
    expect(lines.filter((line) => !line.startsWith('  ✓ '))).toEqual([]);
    expect(stdout).toContain('21 checks: 21 ✓, 0 !, 0 ✗');
    expect(stdout).toMatch(/Clock: Temporal +0\.\d s off/);
    expect(stdout).toMatch(/Clock: Truedy +[01] s off/);
    expect(stdout).toMatch(/Request rate +80 a minute, enforced/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { dials, posts, lists } = await setUp.ledger();
    expect({ dials, posts }).toEqual({ dials: [], posts: [] });
    expect(lists).toBeGreaterThan(0);
  });

  it('prints no key, secret or full number', async () => {
    const { stdout } = await setUp.doctor(['--agent', 'agent_1']);
    expect(stdout).toContain('calls from +1•••99');
    for (const secret of [setUp.settings['TRUEDY_API_KEY'] ?? '', SECRET, '+18005550199']) {
      expect(stdout).not.toContain(secret);
    }
  });

  it('prints one JSON list, or one line per finding with jsonl', async () => {
    const found = foundBy(await setUp.doctor(['-o', 'json']));
    expect(found.map(({ check }) => check)).toContain('Signed delivery');
    const { stdout } = await setUp.doctor(['-o', 'jsonl']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).check);
    expect(lines).toEqual(found.map(({ check }) => check));
  });

  it('omits the bridge on request', async () => {
    const { exit, all } = await look('Bridge', {}, '--no-bridge');
    expect(exit).toBe(0);
    expect(all.map(({ check }) => check)).not.toContain('Bridge');
  });
});

it('the doctor does not wait for a server that never responds', async () => {
  const [server, vendor, bridge] = [await serveSilent(), await serveSilent(), await serveSilent()];
  const { exit, all } = await look('Temporal', {
    TEMPORAL_ADDRESS: `127.0.0.1:${server.port}`,
    TRUEDY_BASE_URL: `http://127.0.0.1:${vendor.port}/v1`,
    WEBHOOK_PORT: String(bridge.port),
  });
  expect(exit).toBe(3);
  expect(marksOf(all, 'Temporal', 'Truedy key', 'Bridge')).toEqual(Array(3).fill('failure'));
});

describe('the doctor finds in Temporal', () => {
  it('an unreachable server, and still checks the rest', async () => {
    const port = await closedPort();
    const { exit, mark, seen, fix, all } = await look('Temporal', {
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/^TT1001 .*connection refused/);
    expect(fix?.[0]).toContain('temporal server start-dev');
    expect(all.find(({ check }) => check === 'Namespace')?.seen).toBe('skipped: needs Temporal');
    expect(marksOf(all, 'Truedy key', 'Signed delivery')).toEqual(['ok', 'ok']);
  });

  it('a named file that does not exist', async () => {
    const { exit, mark, seen } = await look('Temporal', { TEMPORAL_CONFIG_FILE: '/not/there' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('TEMPORAL_CONFIG_FILE is /not/there');
  });

  it('a namespace that does not exist', async () => {
    const namespace = `not-${randomUUID()}`;
    const { exit, mark, seen, fix } = await look('Namespace', { TEMPORAL_NAMESPACE: namespace });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain(`TT1003  Namespace ${namespace} does not exist`);
    expect(fix).toEqual(['temporal operator namespace list']);
  });

  it('missing search attributes, and adds them on request', async () => {
    const namespace = await newNamespace(temporal.connection);
    const change = { TEMPORAL_NAMESPACE: namespace };
    const { exit, mark, seen, fix } = await look('Search attributes', change, '--no-bridge');
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/^TT1010 {2}None of the six exists/);
    expect(fix?.[0]).toBe('temporal truedy setup --apply');
    const fixed = await look('Search attributes', change, '--no-bridge', '--fix');
    expect(fixed).toMatchObject({ mark: 'ok', seen: expect.stringContaining('TruedyAttempt') });
  });

  it('missing search attributes, and adds none to a server that may be on another machine', async () => {
    const change = {
      TEMPORAL_NAMESPACE: await newNamespace(temporal.connection),
      // An address of this machine that is not recognized as local.
      TEMPORAL_ADDRESS: testAddress().replace('127.0.0.1', '0.0.0.0'),
    };
    const { exit, mark } = await look('Search attributes', change, '--no-bridge', '--fix');
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
  });

  it('a search attribute of another type', async () => {
    const namespace = await newNamespace(temporal.connection);
    const type = encodeSearchAttributeIndexedValueType('KEYWORD') ?? 0;
    await temporal.connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries([['TruedyAttempt', type]]),
    });
    const rest = SEARCH_ATTRIBUTES.map(({ name }) => name).filter(
      (name) => name !== 'TruedyAttempt',
    );
    await addSearchAttributes(temporal.connection, namespace, rest);
    const change = { TEMPORAL_NAMESPACE: namespace };
    const { exit, mark, seen, fix } = await look('Search attributes', change, '--fix');
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe('TruedyAttempt is Keyword but must be Int');
    expect(fix).toEqual([
      expect.stringMatching(/^temporal operator search-attribute remove .* --name TruedyAttempt$/),
      'temporal truedy setup --apply',
    ]);
  });

  it.each([
    ['Workers', 'TRUEDY_TASK_QUEUE', 'Request workers'],
    ['Request workers', 'TRUEDY_API_TASK_QUEUE', 'Workers'],
  ])('no worker on a queue: %s', async (check, name, other) => {
    const queue = `empty-${randomUUID()}`;
    const { exit, mark, seen, fix, all } = await look(check, { [name]: queue });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain(`TT6001  No worker polls task queue "${queue}"`);
    expect(seen).toContain('(last seen: never)');
    expect(fix).toEqual(['npm run worker']);
    expect(marksOf(all, other)).toEqual(['ok']);
  });

  it('a rate that differs from the workers’ rate, as a warning', async () => {
    const { exit, mark, seen } = await look('Request rate', { TRUEDY_REQUESTS_PER_MINUTE: '50' });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toMatch(/ask for 80 a minute, but TRUEDY_REQUESTS_PER_MINUTE here is 50/);
  });
});

describe('the doctor finds in the settings', () => {
  it('an invalid one, with its source', async () => {
    const { exit, mark, seen, fix } = await look('Settings', { HEALTH_PORT: '99999' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe('HEALTH_PORT is over 65535; the worker or bridge does not start (env)');
    expect(fix).toEqual(['temporal truedy config show']);
  });

  it('a misspelled one, as a warning that suggests the right name', async () => {
    const change = { TRUEDY_TASK_QUEUES: 'x' };
    const { exit, mark, seen } = await look('Names of settings', change);
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('TRUEDY_TASK_QUEUES is not a setting; did you mean TRUEDY_TASK_QUEUE?');
  });

  it('a Node that is too old', () => {
    expect(checkNode('20.18.3').mark).toBe('failure');
    expect(checkNode('18.20.0').mark).toBe('failure');
    expect(checkNode('20.19.0').mark).toBe('ok');
    expect(checkNode('22.1.0').mark).toBe('ok');
  });
});

describe('the doctor finds at Truedy', () => {
  it('a key that is refused', async () => {
    const change = { TRUEDY_API_KEY: 'truedy_otherkey_abcdef' };
    const { exit, mark, seen, fix, all } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/answered 401 unauthorized\. The key …cdef is not valid there$/);
    expect(fix?.[0]).toContain('API Keys');
    // Checks that need no key still run.
    expect(marksOf(all, 'Truedy errors', 'Clock: Truedy')).toEqual(['ok', 'ok']);
  });

  it('a key that is not set', async () => {
    const { exit, mark, seen, fix } = await look('Truedy key', { TRUEDY_API_KEY: '' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('TRUEDY_API_KEY is empty (from env)');
    expect(fix).toEqual(['temporal truedy config show']);
  });

  it('an unreachable address', async () => {
    const TRUEDY_BASE_URL = `http://127.0.0.1:${await closedPort()}/v1`;
    const { exit, mark, seen, fix } = await look('Truedy key', { TRUEDY_BASE_URL });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('ECONNREFUSED');
    expect(fix).toContain('temporal truedy config show');
  });

  it('an address with a wrong path', async () => {
    const change = { TRUEDY_BASE_URL: `${setUp.simulator}/api/v1` };
    const { exit, mark, seen } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('404. The path of TRUEDY_BASE_URL is wrong');
  });

  it('an account without credits', async () => {
    await setUp.plan({ outages: [{ on: ['list'], forMs: 60_000, status: 402 }] });
    const { exit, mark, seen, fix } = await look('Truedy key', {});
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('402 insufficient_credits');
    expect(fix?.[0]).toContain('credits');
  });

  it.each([
    ['agent_missing', 'agent_not_found'],
    ['agent_draft', 'agent_not_active'],
    ['agent_nonumber', 'no_phone_number_configured'],
  ])('an agent that cannot call: %s', async (agent, code) => {
    const { exit, mark, seen, fix } = await look('Truedy agent', {}, '--agent', agent);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(new RegExp(`^${code}: .*${agent}`));
    expect(fix?.[0]).toContain('Truedy dashboard');
  });

  it('rows without our reference or out of order, as warnings', async () => {
    await placeCalls(2);
    const seen = async () => {
      const { exit, mark, seen } = await look('Truedy listing', {});
      return [exit, mark, seen];
    };
    await expect(seen()).resolves.toEqual([
      0,
      'ok',
      '2 rows: newest first, with our reference, number and time',
    ]);
    await setUp.plan({ echo: false, list: { order: 'oldest' } });
    await expect(seen()).resolves.toEqual([
      0,
      'warning',
      '2 rows: not newest first · no row contains variables.temporal_ref',
    ]);
  });

  it('errors of another shape, as a warning', async () => {
    await setUp.plan({ outages: [{ on: ['read'], forMs: 60_000, status: 500 }] });
    const { exit, mark, seen } = await look('Truedy errors', {});
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toBe('an unknown call returns 500 internal_error, unlike the documentation');
  });

  it('an API description that differs from ours, as a warning', async () => {
    const { port } = await serveHttp(({ url }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        url?.endsWith('openapi.json') ? JSON.stringify({ openapi: '3.1.0', paths: {} }) : '[]',
      );
    });
    const change = { TRUEDY_BASE_URL: `http://127.0.0.1:${port}/v1` };
    const { exit, mark, seen } = await look('Truedy contract', change);
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('POST /calls is undocumented');
  });

  it('a response that is not from Truedy', async () => {
    const { port } = await serveHttp((_, response) => response.end('<html>'));
    const change = { TRUEDY_BASE_URL: `http://127.0.0.1:${port}/v1` };
    const { exit, mark, seen } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('is not Truedy');
  });

  it('a clock that differs from ours', async () => {
    const { port } = await serveHttp((_, response) => {
      response.setHeader('date', new Date(Date.now() - 90_000).toUTCString());
      response.end('[]');
    });
    const TRUEDY_BASE_URL = `http://127.0.0.1:${port}/v1`;
    const { exit, mark, seen } = await look('Clock: Truedy', { TRUEDY_BASE_URL });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/^(89|9[01]) s off/);
  });
});

describe('the doctor finds at the bridge', () => {
  it('an unreachable bridge', async () => {
    const WEBHOOK_PORT = String(await closedPort());
    const { exit, mark, seen, fix, all } = await look('Bridge', { WEBHOOK_PORT });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe(`TT4001  No response from http://127.0.0.1:${WEBHOOK_PORT} (ECONNREFUSED).`);
    expect(fix?.[0]).toBe('npm run bridge');
    expect(all.at(-1)).toMatchObject({ mark: 'skipped', seen: 'skipped: needs the bridge' });
  });

  it('a secret that differs from ours', async () => {
    const change = { TRUEDY_WEBHOOK_SECRETS: `${OTHER_SECRET},${SECRET}` };
    const { exit, mark, seen, fix } = await look('Signed delivery', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe('TT4002  Refused (401): the bridge does not have the secret …xwvu');
    expect(fix?.at(-1)).toBe('npm run bridge');
  });

  it('a server that is not the bridge', async () => {
    const { exit, mark, seen } = await look('Signed delivery', {}, '--bridge', setUp.simulator);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('returned 404 and 404 for invalid signatures');
  });

  it('a server that accepts invalid signatures', async () => {
    const { port } = await serveHttp((_, response) => response.writeHead(204).end());
    const bridge = `http://127.0.0.1:${port}`;
    const { exit, mark, seen } = await look('Signed delivery', {}, '--bridge', bridge);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('accepts deliveries without a valid signature (204)');
  });

  it('a bridge that is not ready', async () => {
    const { port } = await serveHttp((_, response) =>
      response
        .writeHead(503)
        .end(JSON.stringify({ ready: false, because: ['Temporal is unreachable'] })),
    );
    const bridge = `http://127.0.0.1:${port}`;
    const { exit, mark, seen } = await look('Bridge', {}, '--bridge', bridge);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe(`the bridge at ${bridge} is not ready: Temporal is unreachable`);
  });

  it('its readiness at HEALTH_PORT, and deliveries at WEBHOOK_PORT', async () => {
    const { port } = await serveHttp((_, response) => response.end('{"ready":true}'));
    const { exit, mark, seen, all } = await look('Bridge', { HEALTH_PORT: String(port) });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'ok' });
    expect(seen).toBe(`ready at http://127.0.0.1:${port}`);
    expect(marksOf(all, 'Signed delivery')).toEqual(['ok']);
  });

  it('a secret that is too short, without printing it', async () => {
    const change = { TRUEDY_WEBHOOK_SECRETS: 'tooshort' };
    const { exit, mark, seen, all } = await look('Webhook secrets', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('contains a secret under 24 characters');
    expect(JSON.stringify(all)).not.toContain('tooshort');
  });

  it('a missing secret, as a warning that names the variable', async () => {
    const { exit, mark, seen, fix, all } = await look('Webhook secrets', {
      TRUEDY_WEBHOOK_SECRETS: '',
    });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('TRUEDY_WEBHOOK_SECRETS is not set');
    expect(fix).toEqual(['TRUEDY_WEBHOOK_SECRETS=… npm run doctor']);
    expect(marksOf(all, 'Bridge', 'Signed delivery')).toEqual(['skipped', 'skipped']);
  });

  it('wrong usage if --bridge is not an address', async () => {
    const { exit, stderr } = await setUp.doctor(['--bridge', 'hooks']);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT3007 /);
  });
});
