import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { seenOfNode } from '../../../src/cli/doctor/doctor';
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
}, 60_000);
afterEach(async () => {
  await setUp.plan({ reset: true });
  await closeServers();
});
afterAll(async () => {
  await setUp.stop();
  await temporal.close();
});

/** What was found of one check, with the exit. */
async function look(
  check: string,
  change: Readonly<Record<string, string>>,
  ...flags: readonly string[]
) {
  const ran = await setUp.doctor([...flags, '-o', 'json'], change);
  const found = foundBy(ran).find((one) => one.check === check);
  return { exit: ran.exit, ...found, all: foundBy(ran) };
}

const marksOf = (found: readonly { check: string; mark: string }[], ...checks: string[]) =>
  checks.map((check) => found.find((one) => one.check === check)?.mark);

/** Calls that the simulator rings, so that there are rows to look at. */
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

describe('the doctor in a healthy set-up', () => {
  it('finds nothing, leaves with 0, and dials nobody', async () => {
    const { exit, stdout, stderr } = await run(['doctor', '--agent', 'agent_1'], setUp.settings);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const lines = stdout.split('\n').filter((line) => /^ {2}\S/.test(line));
    expect(lines).toHaveLength(19);
    expect(lines.filter((line) => !line.startsWith('  ✓ '))).toEqual([]);
    expect(stdout).toContain('19 checks: 19 ✓, 0 !, 0 ✗');
    expect(stdout).toMatch(/Clock: Temporal +0\.\d s apart/);
    expect(stdout).toMatch(/Clock: Truedy +[01] s apart/);
    expect(stdout).toMatch(/Request rate +80 a minute, enforced/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { dials, posts, lists } = await setUp.ledger();
    expect({ dials, posts }).toEqual({ dials: [], posts: [] });
    expect(lists).toBeGreaterThan(0);
  });

  it('tells neither key, secret nor number', async () => {
    const { stdout } = await setUp.doctor(['--agent', 'agent_1']);
    expect(stdout).toContain('calls from +1•••99');
    for (const secret of [setUp.settings['TRUEDY_API_KEY'] ?? '', SECRET, '+18005550199']) {
      expect(stdout).not.toContain(secret);
    }
  });

  it('is one JSON list, and a line each where lines are asked for', async () => {
    const found = foundBy(await setUp.doctor(['-o', 'json']));
    expect(found.map(({ check }) => check)).toContain('Signed delivery');
    const { stdout } = await setUp.doctor(['-o', 'jsonl']);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).check);
    expect(lines).toEqual(found.map(({ check }) => check));
  });

  it('leaves out the bridge where there is none', async () => {
    const { exit, all } = await look('Bridge', {}, '--no-bridge');
    expect(exit).toBe(0);
    expect(all.map(({ check }) => check)).not.toContain('Bridge');
  });
});

it('the doctor waits for nobody who never answers', async () => {
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
  it('a server that is away, and looks at the rest none the less', async () => {
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

  it('a named file that is not there', async () => {
    const { exit, mark, seen } = await look('Temporal', { TEMPORAL_CONFIG_FILE: '/not/there' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('TEMPORAL_CONFIG_FILE is /not/there');
  });

  it('a namespace that there is not', async () => {
    const namespace = `not-${randomUUID()}`;
    const { exit, mark, seen, fix } = await look('Namespace', { TEMPORAL_NAMESPACE: namespace });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain(`TT1003  Namespace ${namespace} does not exist`);
    expect(fix).toEqual(['temporal operator namespace list']);
  });

  it('search attributes that are missing, and adds them where it is asked to', async () => {
    const namespace = await newNamespace(temporal.connection);
    const change = { TEMPORAL_NAMESPACE: namespace };
    const { exit, mark, seen, fix } = await look('Search attributes', change, '--no-bridge');
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/^TT1010 {2}none of the six is there/);
    expect(fix?.[0]).toBe('temporal truedy setup --apply');
    const mended = await look('Search attributes', change, '--no-bridge', '--fix');
    expect(mended).toMatchObject({ mark: 'ok', seen: expect.stringContaining('TruedyAttempt') });
  });

  it('search attributes that are missing, and adds none to a server that may be another machine’s', async () => {
    const change = {
      TEMPORAL_NAMESPACE: await newNamespace(temporal.connection),
      // This machine by an address that does not say so.
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
    expect(seen).toBe('TruedyAttempt is Keyword there, and has to be Int');
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

  it('a rate that is not the workers’, as a warning', async () => {
    const { exit, mark, seen } = await look('Request rate', { TRUEDY_REQUESTS_PER_MINUTE: '50' });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toMatch(/is told 80 a minute, and TRUEDY_REQUESTS_PER_MINUTE here is 50/);
  });
});

describe('the doctor finds in the settings', () => {
  it('a wrong one, with where it comes from', async () => {
    const { exit, mark, seen, fix } = await look('Settings', { HEALTH_PORT: '99999' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe('HEALTH_PORT is over 65535; the worker or bridge does not start so (env)');
    expect(fix).toEqual(['temporal truedy config show']);
  });

  it('a misspelt one, as a warning that names the likely one', async () => {
    const change = { TRUEDY_TASK_QUEUES: 'x' };
    const { exit, mark, seen } = await look('Names of settings', change);
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('TRUEDY_TASK_QUEUES is not a setting; did you mean TRUEDY_TASK_QUEUE?');
  });

  it('a Node that is too old', () => {
    expect(seenOfNode('20.18.3').mark).toBe('failure');
    expect(seenOfNode('18.20.0').mark).toBe('failure');
    expect(seenOfNode('20.19.0').mark).toBe('ok');
    expect(seenOfNode('22.1.0').mark).toBe('ok');
  });
});

describe('the doctor finds at Truedy', () => {
  it('a key that is not taken', async () => {
    const change = { TRUEDY_API_KEY: 'truedy_otherkey_abcdef' };
    const { exit, mark, seen, fix, all } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/answered 401 unauthorized\. The key …cdef is none there$/);
    expect(fix?.[0]).toContain('API Keys');
    // What needs no key is looked at all the same.
    expect(marksOf(all, 'Truedy errors', 'Clock: Truedy')).toEqual(['ok', 'ok']);
  });

  it('a key that is not set', async () => {
    const { exit, mark, seen, fix } = await look('Truedy key', { TRUEDY_API_KEY: '' });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('TRUEDY_API_KEY is empty (from env)');
    expect(fix).toEqual(['temporal truedy config show']);
  });

  it('an address where nothing answers', async () => {
    const TRUEDY_BASE_URL = `http://127.0.0.1:${await closedPort()}/v1`;
    const { exit, mark, seen, fix } = await look('Truedy key', { TRUEDY_BASE_URL });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('ECONNREFUSED');
    expect(fix).toContain('temporal truedy config show');
  });

  it('an address of another path', async () => {
    const change = { TRUEDY_BASE_URL: `${setUp.simulator}/api/v1` };
    const { exit, mark, seen } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('404. TRUEDY_BASE_URL names another path');
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
      '2 rows: not newest first · none echoes variables.temporal_ref',
    ]);
  });

  it('errors of another shape, as a warning', async () => {
    await setUp.plan({ outages: [{ on: ['read'], forMs: 60_000, status: 500 }] });
    const { exit, mark, seen } = await look('Truedy errors', {});
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toBe('an unknown call: 500 internal_error, not as documented');
  });

  it('an API whose description parts from ours, as a warning', async () => {
    const { port } = await serveHttp(({ url }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        url?.endsWith('openapi.json') ? JSON.stringify({ openapi: '3.1.0', paths: {} }) : '[]',
      );
    });
    const change = { TRUEDY_BASE_URL: `http://127.0.0.1:${port}/v1` };
    const { exit, mark, seen } = await look('Truedy contract', change);
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('POST /calls is no longer documented');
  });

  it('an answer that is none of Truedy’s', async () => {
    const { port } = await serveHttp((_, response) => response.end('<html>'));
    const change = { TRUEDY_BASE_URL: `http://127.0.0.1:${port}/v1` };
    const { exit, mark, seen } = await look('Truedy key', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('is no Truedy');
  });

  it('a clock that is far from ours', async () => {
    const { port } = await serveHttp((_, response) => {
      response.setHeader('date', new Date(Date.now() - 90_000).toUTCString());
      response.end('[]');
    });
    const TRUEDY_BASE_URL = `http://127.0.0.1:${port}/v1`;
    const { exit, mark, seen } = await look('Clock: Truedy', { TRUEDY_BASE_URL });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toMatch(/^(89|9[01]) s apart/);
  });
});

describe('the doctor finds at the bridge', () => {
  it('that nothing answers', async () => {
    const WEBHOOK_PORT = String(await closedPort());
    const { exit, mark, seen, fix, all } = await look('Bridge', { WEBHOOK_PORT });
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe(
      `TT4001  Nothing answers at http://127.0.0.1:${WEBHOOK_PORT} (ECONNREFUSED).`,
    );
    expect(fix?.[0]).toBe('npm run bridge');
    expect(all.at(-1)).toMatchObject({ mark: 'skipped', seen: 'skipped: needs the bridge' });
  });

  it('another secret than ours', async () => {
    const change = { TRUEDY_WEBHOOK_SECRETS: `${OTHER_SECRET},${SECRET}` };
    const { exit, mark, seen, fix } = await look('Signed delivery', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe('TT4002  Refused (401): the bridge has another secret than …xwvu');
    expect(fix?.at(-1)).toBe('npm run bridge');
  });

  it('something that is no bridge', async () => {
    const { exit, mark, seen } = await look('Signed delivery', {}, '--bridge', setUp.simulator);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('answers 404 and 404 where a bridge says 401');
  });

  it('a door that takes what nobody signed', async () => {
    const { port } = await serveHttp((_, response) => response.writeHead(204).end());
    const bridge = `http://127.0.0.1:${port}`;
    const { exit, mark, seen } = await look('Signed delivery', {}, '--bridge', bridge);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('takes what is not signed by us (204)');
  });

  it('that it is not ready', async () => {
    const { port } = await serveHttp((_, response) =>
      response.writeHead(503).end(JSON.stringify({ ready: false, because: ['Temporal is away'] })),
    );
    const bridge = `http://127.0.0.1:${port}`;
    const { exit, mark, seen } = await look('Bridge', {}, '--bridge', bridge);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toBe(`not ready at ${bridge}: Temporal is away`);
  });

  it('its readiness at HEALTH_PORT, and deliveries at WEBHOOK_PORT', async () => {
    const { port } = await serveHttp((_, response) => response.end('{"ready":true}'));
    const { exit, mark, seen, all } = await look('Bridge', { HEALTH_PORT: String(port) });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'ok' });
    expect(seen).toBe(`ready at http://127.0.0.1:${port}`);
    expect(marksOf(all, 'Signed delivery')).toEqual(['ok']);
  });

  it('a secret that is too short, and repeats nothing of it', async () => {
    const change = { TRUEDY_WEBHOOK_SECRETS: 'tooshort' };
    const { exit, mark, seen, all } = await look('Webhook secrets', change);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(seen).toContain('holds a secret of under 24 characters');
    expect(JSON.stringify(all)).not.toContain('tooshort');
  });

  it('no secret to try it with, as a warning that names the variable', async () => {
    const { exit, mark, seen, fix, all } = await look('Webhook secrets', {
      TRUEDY_WEBHOOK_SECRETS: '',
    });
    expect({ exit, mark }).toEqual({ exit: 0, mark: 'warning' });
    expect(seen).toContain('TRUEDY_WEBHOOK_SECRETS is not set');
    expect(fix).toEqual(['TRUEDY_WEBHOOK_SECRETS=… npm run doctor']);
    expect(marksOf(all, 'Bridge', 'Signed delivery')).toEqual(['skipped', 'skipped']);
  });

  it('nothing where --bridge is no address: that is wrong usage', async () => {
    const { exit, stderr } = await setUp.doctor(['--bridge', 'hooks']);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^TT3007 /);
  });
});
