import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { Client, Connection } from '@temporalio/client';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { callEvent, WORKFLOW_TYPE } from '../src/workflows/messages';
import { inputFor, until } from './support/rig';
import { testAddress } from './support/temporal';
import { closeServers, serveHttp } from './truedy/support/local-server';

// Must never be logged: a person's number in any notation, their name, and their words.
const NUMBER = '+14155550142';
const NAME = 'Canaria';
const CANARIES = [/555.?0142/, /canaria/i];
const WORDS = `${NAME} of (415) 555-0142 said 14155550142`;

/** A Truedy server that echoes the person's data wherever it can. */
const vendor: RequestListener = (request, response) => {
  void answer(request).then(([status, body]) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
};

async function answer(request: IncomingMessage): Promise<[number, string]> {
  const body = await readText(request);
  if (request.method !== 'POST') {
    const record = { id: 'call_1', status: 'ended', duration_seconds: 60, phone_number: NUMBER };
    const said = { transcript: [{ speaker: 'contact', text: WORDS }], summary: WORDS };
    return [200, JSON.stringify({ ...record, ...said, end_reason: WORDS })];
  }
  const { agent_id: agent } = JSON.parse(body);
  if (agent === 'unreadable') return [200, `{"id":"call_1","name":${WORDS}`];
  if (agent !== 'refused') return [201, JSON.stringify({ id: 'call_1', phone_number: NUMBER })];
  const error = { code: 'validation_error', message: WORDS, details: { phone_number: NUMBER } };
  return [422, JSON.stringify({ error })];
}

/** Encodes payloads that contain the person's data and are not JSON. */
const broken: PayloadCodec = {
  encode: async (payloads: Payload[]) =>
    payloads.map((payload) => ({ ...payload, data: Buffer.from(`{"name":${WORDS}`) })),
  decode: async (payloads: Payload[]) => payloads,
};

function canariesIn(line: string): readonly RegExp[] {
  const encoded = line.match(/[A-Za-z0-9+/]{16,}={0,2}/g) ?? [];
  // A piece of base64 can start in the middle of a group of three bytes.
  const decoded = encoded.flatMap((piece) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(piece.slice(skip), 'base64').toString('latin1')),
  );
  const bytes = (line.match(/\d{1,3}(?:,\d{1,3}){6,}/g) ?? []).map((list) =>
    String.fromCharCode(...list.split(',').map(Number)),
  );
  const texts = [line, ...decoded, ...bytes];
  return CANARIES.filter((canary) => texts.some((text) => canary.test(text)));
}

let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
});

afterAll(async () => {
  await connection.close();
  await closeServers();
});

it('finds a canary in each of its forms', () => {
  expect(canariesIn(`to ${NUMBER}`)).toHaveLength(1);
  expect(canariesIn(Buffer.from(`{"x":1,"name":"${NAME} Doe"}`).toString('base64'))).toHaveLength(
    1,
  );
  expect(canariesIn(JSON.stringify([...Buffer.from(`name ${NAME}`)]))).toHaveLength(1);
  expect(canariesIn('no personal data')).toEqual([]);
});

it('is not in any line of a worker that logs everything', async () => {
  const api = await serveHttp(vendor);
  const check = await serveHttp((request, response) => {
    void readText(request).then((body) => {
      const { labels } = JSON.parse(body);
      response.end(JSON.stringify(labels.asks ? { dial: false, reason: WORDS } : { dial: true }));
    });
  });
  const taskQueue = `canary-${randomUUID()}`;
  const worker = spawn(
    process.execPath,
    ['--import', require.resolve('tsx'), join(__dirname, '../src/worker.ts')],
    {
      env: {
        ...process.env,
        LOG_LEVEL: 'trace',
        TEMPORAL_ADDRESS: testAddress(),
        TRUEDY_API_KEY: 'truedy_canary_0123456789',
        TRUEDY_BASE_URL: `http://127.0.0.1:${api.port}/api/public/v1`,
        TRUEDY_DIAL_CHECK_URL: `http://127.0.0.1:${check.port}/`,
        TRUEDY_TASK_QUEUE: taskQueue,
        TRUEDY_API_TASK_QUEUE: `${taskQueue}-api`,
        TRUEDY_TIME_SCALE: '100',
      },
    },
  );
  let log = '';
  worker.stderr.setEncoding('utf8').on('data', (more: string) => (log += more));
  try {
    await once(worker.stdout, 'data');
    await runEverything(taskQueue, () => log);
  } finally {
    worker.kill('SIGKILL');
    await once(worker, 'close');
  }
  const lines = log.trim().split('\n');
  const leaks = lines.filter((line) => canariesIn(line).length > 0);
  expect(leaks).toEqual([]);
});

/** Sends the person's data to every part of a worker that logs. */
async function runEverything(taskQueue: string, log: () => string): Promise<void> {
  const client = new Client({ connection });
  const stranger = new Client({ connection, dataConverter: { payloadCodecs: [broken] } });
  const workflowId = () => `call/${randomUUID()}`;
  const call = (agentId: string, asks = '') =>
    client.workflow.start(WORKFLOW_TYPE, {
      taskQueue,
      workflowId: workflowId(),
      args: [
        inputFor(NUMBER, {
          call: { agent_id: agentId, variables: { name: NAME, said: WORDS } },
          completion: { mode: 'poll' },
          labels: { asks, note: WORDS },
        }),
      ],
    });

  const answered = await call('agent_1');
  expect(await answered.result()).toMatchObject({ outcome: 'answered' });
  expect(await (await call('agent_1', 'yes')).result()).toMatchObject({ outcome: 'suppressed' });
  await expect((await call('refused')).result()).rejects.toThrow();

  const unclear = await call('unreadable');
  await until(async () => log().includes('placeCall returned no call id'));
  await unclear.signal(callEvent.name, { name: WORDS, phone_number: NUMBER });
  await until(async () => log().includes('Ignored an event that matches no attempt'));
  await unclear.terminate();

  const activity = {
    taskQueue: `${taskQueue}-api`,
    startToCloseTimeout: '10s',
    retry: { maximumAttempts: 1 },
    args: [WORDS],
  } as const;
  for (const [by, type] of [
    [client, 'activityOfAnotherVersion'],
    [stranger, 'readCall'],
  ] as const) {
    const handle = await by.activity.start(type, { ...activity, id: randomUUID() });
    await handle.result().catch(() => undefined);
  }
  const undecodable = await stranger.workflow.start(WORKFLOW_TYPE, {
    taskQueue,
    workflowId: workflowId(),
    args: [WORDS],
  });
  await undecodable.result().catch(() => undefined);
}
