import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { command } from '../support/command';

const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

let server: Http2Server;
let status: number;
beforeAll(async () => {
  // Answers every gRPC call with one status, as a gateway in front of Temporal does.
  server = createServer();
  server.on('stream', (stream) => {
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(status),
        'grpc-message': 'not yours',
      },
      { endStream: true },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

it.each([
  [
    'that does not accept our credentials',
    UNAUTHENTICATED,
    3,
    /^TT1002 {2}Temporal at \S+ rejected our credentials: /,
  ],
  ['that denies permission', PERMISSION_DENIED, 3, /^TT1002 /],
  [
    'that is not a Temporal server',
    UNIMPLEMENTED,
    4,
    /^TT1001 .*the server does not speak the Temporal protocol/,
  ],
])('reports a server %s', async (_, answer, expected, text) => {
  status = answer;
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { exit, stdout, stderr } = await command(['describe', 'x'], { TEMPORAL_ADDRESS: address });
  expect({ exit, stdout }).toEqual({ exit: expected, stdout: '' });
  expect(stderr).toMatch(text);
});
