import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { getRequestListener } from '@hono/node-server';
import { request } from 'undici';

import { API_PATH, createSimulator, type Simulator } from '../../../../src/testing/simulator/app';
import { until } from '../../../support/until';

const BODY = JSON.stringify({
  agent_id: 'agent_1',
  phone_number: '+14155550100',
  variables: { temporal_ref: 'n/w#1' },
});
const HEADERS = { authorization: 'Bearer truedy_test', 'content-type': 'application/json' };

describe('POST /calls on a real connection', () => {
  let simulator: Simulator;
  let server: Server;
  let origin: string;

  beforeEach(async () => {
    simulator = createSimulator();
    server = createServer(getRequestListener(simulator.app.fetch));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    simulator.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const plan = async (post: object) =>
    request(`${origin}/_sim/plan`, {
      method: 'POST',
      body: JSON.stringify({ defaults: { post } }),
    }).then(({ body }) => body.dump());
  const post = (path = `${API_PATH}/calls`, signal?: AbortSignal) =>
    request(`${origin}${path}`, {
      method: 'POST',
      headers: HEADERS,
      body: BODY,
      ...(signal && { signal }),
    });

  it.each([
    { dials: true, count: 1 },
    { dials: false, count: 0 },
  ])('cuts the connection; dials: $dials', async ({ dials, count }) => {
    await plan({ kind: 'cut', dials });
    await expect(post()).rejects.toMatchObject({ code: expect.stringMatching(/RESET|SOCKET/) });
    expect(simulator.dials()).toHaveLength(count);
    expect(simulator.records.posts).toMatchObject([{ status: null, fault: 'cut' }]);
  });

  it('cuts the connection in the middle of the body', async () => {
    await plan({ kind: 'broken', how: 'cut_body' });
    const { statusCode, body } = await post();
    expect(statusCode).toBe(201);
    await expect(body.text()).rejects.toThrow();
    expect(simulator.dials()).toHaveLength(1);
  });

  it('sends a whole response byte by byte', async () => {
    await plan({ kind: 'drip', everyMs: 1 });
    const { body } = await post();
    let chunks = 0;
    let text = '';
    for await (const chunk of body) {
      chunks += 1;
      text += String(chunk);
    }
    expect(JSON.parse(text)).toMatchObject({ status: 'queued' });
    expect(chunks).toBeGreaterThan(50);
  });

  it('dials immediately and responds late', async () => {
    await plan({ kind: 'slow', afterMs: 60_000 });
    await expect(post(undefined, AbortSignal.timeout(100))).rejects.toThrow();
    expect(simulator.dials()).toHaveLength(1);
  });

  it('dials after the client has disconnected', async () => {
    await plan({ kind: 'late', afterMs: 50 });
    await expect(post(undefined, AbortSignal.timeout(50))).rejects.toThrow();
    expect(simulator.dials()).toHaveLength(0);
    await until(async () => simulator.dials().length > 0);
    expect(simulator.dials()).toHaveLength(1);
  });

  it('cuts the connection itself, and dials later', async () => {
    await plan({ kind: 'late', afterMs: 50, cutMs: 10 });
    await expect(post()).rejects.toThrow();
    expect(simulator.dials()).toHaveLength(0);
    await until(async () => simulator.dials().length > 0);
    expect(simulator.dials()).toHaveLength(1);
  });

  it('delivers webhooks over the wire', async () => {
    const taken: string[] = [];
    const bridge = createServer((incoming, outgoing) => {
      taken.push(String(incoming.headers['x-truedy-signature']));
      incoming.resume();
      outgoing.writeHead(204).end();
    });
    await new Promise<void>((resolve) => bridge.listen(0, '127.0.0.1', resolve));
    const webhookUrl = `http://127.0.0.1:${(bridge.address() as AddressInfo).port}/webhooks/truedy`;
    const delivering = createSimulator({ webhookUrl, webhookSecret: 'whsec_test', speed: 100 });
    await delivering.app.request(`${API_PATH}/calls`, {
      method: 'POST',
      headers: HEADERS,
      body: BODY,
    });
    await until(async () => taken.length >= 3);
    expect(taken.every((signature) => /^[0-9a-f]{64}$/.test(signature))).toBe(true);
    delivering.close();
    bridge.closeAllConnections();
    await new Promise((resolve) => bridge.close(resolve));
  });

  it('redirects, and dials if the client follows', async () => {
    await plan({ kind: 'redirect' });
    const { statusCode, headers } = await post();
    expect(statusCode).toBe(307);
    expect(simulator.dials()).toHaveLength(0);
    expect((await post(String(headers['location']))).statusCode).toBe(201);
    expect(simulator.dials()).toHaveLength(1);
  });
});
