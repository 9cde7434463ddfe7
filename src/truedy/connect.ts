import { Socket } from 'node:net';
import { callbackify } from 'node:util';
import { buildConnector, Client } from 'undici';

/** The proxy did not open a tunnel, so the target never received a byte. */
class ProxyError extends Error {
  override readonly name = 'ProxyError';

  constructor(
    /** It is logged, so it contains neither an address nor credentials. */
    readonly code: string,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}

/**
 * Opens connections, directly or through the tunnel of a proxy (CONNECT, RFC 9110 §9.3.6).
 *
 * It calls back once the connection is complete, including TLS to the target. Until then no byte of a request can be
 * sent, and a proxy never sees the content of an https request.
 *
 * @param limitMs The deadline for all steps together.
 */
export function createConnector(limitMs: number, proxy?: URL): buildConnector.connector {
  if (proxy === undefined) return connectorWithin(limitMs);
  const connect = callbackify((target: buildConnector.Options) =>
    connectThrough(proxy, target, limitMs),
  );
  return (target, callback) => {
    connect(target, (error, socket) => {
      if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
}

// --- internal ---

function connectorWithin(limitMs: number): buildConnector.connector {
  // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise accept any certificate.
  return buildConnector({ timeout: limitMs, rejectUnauthorized: true });
}

async function connectThrough(
  proxy: URL,
  target: buildConnector.Options,
  limitMs: number,
): Promise<Socket> {
  const endMs = performance.now() + limitMs;
  const tunnel = await openTunnel(proxy, target, limitMs);
  if (target.protocol !== 'https:') return tunnel;
  const secure = connectorWithin(Math.max(1, Math.ceil(endMs - performance.now())));
  return new Promise((resolve, reject) => {
    secure({ ...target, httpSocket: tunnel }, (...[error, socket]) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}

async function openTunnel(
  proxy: URL,
  { host = '', port, protocol }: buildConnector.Options,
  limitMs: number,
): Promise<Socket> {
  const authority = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
  const client = new Client(proxy.origin, { connect: connectorWithin(limitMs) });
  try {
    const { statusCode, socket } = await client.connect({
      path: authority,
      headers: { host: authority, ...credentialsOf(proxy) },
      signal: AbortSignal.timeout(limitMs),
    });
    if (statusCode >= 200 && statusCode <= 299 && socket instanceof Socket) return socket;
    socket.on('error', () => undefined).destroy();
    throw new ProxyError(`the proxy answered ${statusCode}`);
  } catch (error) {
    if (error instanceof ProxyError) throw error;
    throw new ProxyError(`the proxy did not open a tunnel: ${reasonOf(error)}`, { cause: error });
  } finally {
    // The socket of an open tunnel is detached from the client and stays open.
    client.destroy().catch(() => undefined);
  }
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed';
  if ('name' in error && error.name === 'TimeoutError') return 'no answer in time';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'failed';
}
