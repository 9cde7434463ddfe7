import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';

const open: { server: Server; sockets: Set<Socket> }[] = [];

/** A test server on 127.0.0.1. */
export interface LocalServer {
  readonly port: number;
  /** How many connections it has accepted. */
  connections(): number;
}

/** Serves HTTP. */
export function serveHttp(listener: RequestListener): Promise<LocalServer> {
  return listen(createHttpServer(listener));
}

/** Serves HTTPS, with an untrusted certificate. */
export function serveSelfSigned(listener: RequestListener): Promise<LocalServer> {
  const pem = readFileSync(`${__dirname}/self-signed.pem`);
  return listen(createHttpsServer({ key: pem, cert: pem }, listener));
}

/** Passes on each connection and its bytes once a complete request has arrived. */
export function serveRaw(
  onRequest: (socket: Socket, request: string) => void,
): Promise<LocalServer> {
  return listen(
    createNetServer((socket) => {
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        text += bytes.toString('utf8');
        if (isWhole(text)) onRequest(socket, text);
      });
    }),
  );
}

/** Passes on each new connection. */
export function serveConnections(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  return listen(
    createNetServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }),
  );
}

/** Accepts connections and never answers. */
export function serveSilent(): Promise<LocalServer> {
  return serveConnections(() => undefined);
}

/** The CONNECT requests of a proxy, and the bytes it forwarded. */
export interface Tunnel {
  readonly authority: string | undefined;
  readonly headers: IncomingHttpHeaders;
  bytes: string;
}

/** A proxy that opens tunnels, or answers CONNECT with another status. Any other request fails. */
export async function serveProxy(
  answer: 'open' | 'drop' | 'hang' | number = 'open',
): Promise<LocalServer & { readonly url: URL; readonly tunnels: Tunnel[] }> {
  const tunnels: Tunnel[] = [];
  const server = createHttpServer((_, response) => response.writeHead(500).end());
  server.on('connect', ({ url, headers }, socket: Socket) => {
    const tunnel: Tunnel = { authority: url, headers, bytes: '' };
    tunnels.push(tunnel);
    socket.on('error', () => undefined);
    if (answer === 'drop') socket.destroy();
    if (typeof answer === 'number') socket.end(`HTTP/1.1 ${answer} Refused\r\n\r\nno`);
    if (answer !== 'open') return;
    const [host, port] = (url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.on('data', (bytes) => (tunnel.bytes += bytes.toString('latin1')));
      socket.pipe(target).pipe(socket);
    });
    target.on('error', () => socket.destroy());
    socket.on('close', () => target.destroy());
  });
  const local = await listen(server);
  return { ...local, tunnels, url: new URL(`http://127.0.0.1:${local.port}`) };
}

/** An unused port. */
export async function closedPort(): Promise<number> {
  const { port } = await listen(createNetServer());
  await closeServers();
  return port;
}

/** For `afterEach`. */
export async function closeServers(): Promise<void> {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function listen(server: Server): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

function isWhole(request: string): boolean {
  const [head = '', ...body] = request.split('\r\n\r\n');
  if (body.length === 0) return false;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1] ?? '0';
  return Buffer.byteLength(body.join('\r\n\r\n')) >= Number(length);
}
