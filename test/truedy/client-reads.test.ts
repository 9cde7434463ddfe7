import { TruedyContractError } from '../../src/truedy/errors';
import { fixture } from '../fixtures';
import { closeServers, serveHttp, serveRaw } from './support/local-server';
import { CALL, clientOf, http } from './support/client';

afterEach(closeServers);

describe('readCall', () => {
  it('sends exactly these bytes', async () => {
    let sent = '';
    const { port } = await serveRaw((socket, request) => {
      sent = request;
      const body = JSON.stringify(fixture('get-reference'));
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
    expect(await clientOf(port).readCall('call_a1b2c3d4')).toMatchObject({
      record: { status: 'ended', duration_seconds: 142 },
    });
    expect(sent.split('\r\n')).toEqual([
      'GET /api/public/v1/calls/call_a1b2c3d4 HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      'connection: close',
      'authorization: Bearer truedy_test',
      'accept: application/json',
      'accept-encoding: identity',
      'user-agent: temporal-truedy',
      '',
      '',
    ]);
  });

  it.each(['', '../agents', 'a/b', 'a?b', 'a#b', '%2e%2e', 'a\r\nb', 'x'.repeat(129)])(
    'sends nothing for the id %j',
    async (id) => {
      const server = await http(200, CALL);
      await expect(clientOf(server.port).readCall(id)).rejects.toBeInstanceOf(TruedyContractError);
      expect(server.connections()).toBe(0);
    },
  );

  it('includes the call in its error', async () => {
    const { port } = await http(404, JSON.stringify(fixture('error-e5-text')));
    await expect(clientOf(port).readCall('call_1')).rejects.toMatchObject({
      status: 404,
      message: 'GET /calls/call_1 answered 404',
    });
  });

  it('gives up after its limit', async () => {
    const { port } = await serveRaw(() => undefined);
    await expect(clientOf(port, 'http', undefined, 200).readCall('call_1')).rejects.toMatchObject({
      name: 'TruedyNetworkError',
    });
  });
});

describe('listCalls', () => {
  it('always sends limit and offset, and no filter', async () => {
    let target = '';
    const { port } = await serveHttp((request, response) => {
      target = request.url ?? '';
      response.end(JSON.stringify(fixture('list-a')));
    });
    const rows = await clientOf(port).listCalls({ limit: 100, offset: 200 });
    expect(target).toBe('/api/public/v1/calls?limit=100&offset=200');
    expect(rows.map(({ callId }) => callId)).toEqual(['call_a1b2c3d4', 'call_e5f6a7b8']);
  });

  it('rejects a page with one malformed row as a contract error', async () => {
    const { port } = await http(200, '{"data":[{"id":"call_1"},{"id":null}]}');
    await expect(clientOf(port).listCalls({ limit: 100, offset: 0 })).rejects.toBeInstanceOf(
      TruedyContractError,
    );
  });

  it('reads a page of 2 MiB', async () => {
    const { port } = await http(
      200,
      JSON.stringify({ data: [{ id: 'a', x: 'x'.repeat(2 ** 21) }] }),
    );
    expect(await clientOf(port).listCalls({ limit: 100, offset: 0 })).toHaveLength(1);
  });
});
