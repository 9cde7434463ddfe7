import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { TypedSearchAttributes, type PayloadCodec } from '@temporalio/common';
import type { CallEvent } from '../../src/call/api-types';
import { readReference } from '../../src/call/dial-request';
import { createDataConverter } from '../../src/codec';
import { createCorrelate } from '../../src/webhook/correlate';
import { createSignal } from '../../src/webhook/signal';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { TRUEDY_CALL_ID } from '../../src/workflows/search-attributes';
import { until } from '../support/rig';
import { K1 } from '../codec/support/keys';
import { testClient } from '../support/temporal';
import { bridge, ended } from './support/bridge';

const EVENT: CallEvent = {
  event: 'call.ended',
  ids: ['call_1'],
  receivedAt: '2026-12-01T09:00:00Z',
};

let temporal: Awaited<ReturnType<typeof testClient>>;

beforeAll(async () => {
  temporal = await testClient();
});

afterAll(async () => {
  await temporal.close();
});

/** A run without a worker. It accepts signals anyway. */
async function run(
  callIds: string[] = [],
  { type = WORKFLOW_TYPE, workflowId = `call/${randomUUID()}` } = {},
) {
  return temporal.client.workflow.start(type, {
    taskQueue: `nobody-${randomUUID()}`,
    workflowId,
    args: [{}],
    typedSearchAttributes: new TypedSearchAttributes([{ key: TRUEDY_CALL_ID, value: callIds }]),
  });
}

/** The signals in a run's history. */
async function signals(handle: WorkflowHandle) {
  const { events } = await handle.fetchHistory();
  const attributes = events?.map((one) => one.workflowExecutionSignaledEventAttributes) ?? [];
  return attributes.filter((one) => one != null);
}

describe('a signal', () => {
  it('is taken once it is in the history of its run', async () => {
    const handle = await run();
    expect(await createSignal(temporal.client)(handle.workflowId, EVENT, randomUUID())).toBe(
      'taken',
    );
    expect(await signals(handle)).toMatchObject([{ signalName: 'callEvent' }]);
    await handle.terminate();
  });

  it('of a delivery that arrives three times is there once', async () => {
    const handle = await run();
    const { deliver } = bridge({
      correlate: async () => handle.workflowId,
      signal: createSignal(temporal.client),
    });
    for (const again of [1, 2, 3])
      expect([again, (await deliver(ended())).status]).toEqual([again, 204]);
    expect(await signals(handle)).toHaveLength(1);
    await deliver(ended({ duration_seconds: 88 }));
    expect(await signals(handle)).toHaveLength(2);
    await handle.terminate();
  });

  it('is encoded by the codec of its client', async () => {
    const { connection } = temporal;
    const mark = new Uint8Array([1]);
    const codec: PayloadCodec = {
      encode: async (payloads) =>
        payloads.map((one) => ({ ...one, metadata: { ...one.metadata, mark } })),
      decode: async (payloads) => payloads,
    };
    const client = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
    const handle = await run();
    await createSignal(client)(handle.workflowId, EVENT, randomUUID());
    const [sent] = await signals(handle);
    expect(sent?.input?.payloads?.[0]?.metadata?.['mark']).toEqual(mark);
    await handle.terminate();
  });

  it('is encrypted, and still dropped if it is sent twice', async () => {
    const { connection } = temporal;
    const client = new Client({ connection, dataConverter: createDataConverter({ keys: K1 }) });
    const handle = await run();
    const requestId = randomUUID();
    for (const _ of [1, 2]) await createSignal(client)(handle.workflowId, EVENT, requestId);
    const [sent, ...others] = await signals(handle);
    expect(others).toEqual([]);
    const metadata = sent?.input?.payloads?.[0]?.metadata;
    expect(String(metadata?.['encoding'])).toBe('binary/encrypted');
    await handle.terminate();
  });

  it('to a closed run is finished', async () => {
    const handle = await run();
    await handle.terminate();
    expect(await createSignal(temporal.client)(handle.workflowId, EVENT, randomUUID())).toBe(
      'finished',
    );
  });

  it('to a run that never existed is finished', async () => {
    expect(await createSignal(temporal.client)(`call/${randomUUID()}`, EVENT, randomUUID())).toBe(
      'finished',
    );
  });

  it('to a missing namespace is not finished, although its code is the same', async () => {
    const { connection } = temporal;
    const elsewhere = new Client({ connection, namespace: 'not-there' });
    await expect(createSignal(elsewhere)('call/x', EVENT, randomUUID())).rejects.toThrow();
  });

  it('to an unreachable server is not finished', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const away = new Client({ connection });
    const signal = createSignal(away)('call/x', EVENT, randomUUID());
    signal.catch(() => undefined);
    await connection.close();
    await expect(signal).rejects.toThrow();
  });
});

describe('a server that accepts connections and never answers', () => {
  const sockets: Socket[] = [];
  let silent: Server;
  let connection: Connection;
  let client: Client;

  beforeAll(async () => {
    silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    connection = Connection.lazy({ address: `127.0.0.1:${port}` });
    client = new Client({ connection });
  });

  afterAll(async () => {
    await connection.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('does not block a signal forever', async () => {
    await expect(createSignal(client)('call/x', EVENT, randomUUID())).rejects.toThrow();
  });

  it('does not block a search forever', async () => {
    const correlate = createCorrelate(client, 'default');
    await expect(correlate({ reference: undefined, ids: ['call_1'] })).rejects.toThrow();
  });
});

describe('a delivery', () => {
  const correlate = (reference: string | null, ids: string[] = []) =>
    createCorrelate(temporal.client, 'default')({ reference: readReference(reference ?? ''), ids });

  it('belongs to the run in its reference', async () => {
    expect(await correlate('default/call/order-1#2')).toBe('call/order-1');
  });

  it('belongs to the run in its reference if the caller chose the id', async () => {
    const handle = await run([], { workflowId: `crm-${randomUUID()}` });
    expect(await correlate(`default/${handle.workflowId}#1`)).toBe(handle.workflowId);
    await handle.terminate();
  });

  it('belongs to no run if its reference names a workflow of another type', async () => {
    const handle = await run([], { type: 'Billing', workflowId: `invoice-${randomUUID()}` });
    expect(await correlate(`default/${handle.workflowId}#1`)).toBeUndefined();
    await handle.terminate();
  });

  it('belongs to no run if no workflow has the id in its reference', async () => {
    expect(await correlate(`default/crm-${randomUUID()}#1`)).toBeUndefined();
  });

  it('with an id of ours needs no request to Temporal', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const unreachable = createCorrelate(new Client({ connection }), 'default');
    const reference = readReference('default/call/order-1#2');
    expect(await unreachable({ reference, ids: [] })).toBe('call/order-1');
    await connection.close();
  });

  it('does not belong to a workflow of another type with the same search attribute', async () => {
    const id = `call_${randomUUID()}`;
    const other = await run([id], { type: 'Billing', workflowId: `invoice-${randomUUID()}` });
    const query = `${TRUEDY_CALL_ID.name} = '${id}'`;
    await until(async () => (await temporal.client.workflow.count(query)).count > 0);
    expect(await correlate(null, [id])).toBeUndefined();
    await other.terminate();
  });

  it('of another namespace belongs to no run', async () => {
    expect(await correlate('staging/call/order-1#2', ['call_1'])).toBeUndefined();
  });

  it('without a reference belongs to the open run with its call id', async () => {
    const id = `call_${randomUUID()}`;
    const handle = await run([id, 'uv_1']);
    const found = await until(() => correlate(null, [id]));
    expect(found).toBe(handle.workflowId);
    await handle.terminate();
  });

  it('with an unknown id belongs to no run', async () => {
    expect(await correlate(null, [`call_${randomUUID()}`])).toBeUndefined();
  });

  it('with an id that would break the query belongs to no run', async () => {
    expect(await correlate(null, ["' OR WorkflowId != '"])).toBeUndefined();
  });
});

describe('a namespace without the search attribute', () => {
  it('matches no id, and is reported once', async () => {
    // Every server has this namespace, which never has our search attributes.
    const client = new Client({
      connection: temporal.connection,
      namespace: 'temporal-system',
    });
    const onUnsearchable = jest.fn();
    const correlate = createCorrelate(client, 'temporal-system', onUnsearchable);
    const found = [];
    for (const id of ['call_1', 'call_2']) {
      found.push(await correlate({ reference: undefined, ids: [id] }));
    }
    expect(found).toEqual([undefined, undefined]);
    expect(onUnsearchable).toHaveBeenCalledTimes(1);
  });

  it('is distinguished from a missing namespace', async () => {
    const client = new Client({ connection: temporal.connection, namespace: 'not-there' });
    const correlate = createCorrelate(client, 'not-there');
    await expect(correlate({ reference: undefined, ids: ['call_1'] })).rejects.toThrow('not-there');
  });
});
