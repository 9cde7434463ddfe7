import type { Server } from 'node:net';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The URL of a server. An IPv6 host gets the brackets that a URL requires. */
export function httpAddress(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The port that a listening server has. */
export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Whether data sent to this URL stays private: it uses TLS or stays on this machine. */
export function isSafeAddress(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:' || isThisMachine(text);
}

/** Whether this is an http or https URL of this machine. */
export function isThisMachine(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK_HOSTS.has(url.hostname);
}

/** What is wrong with the URL of an API, without quoting the URL, which may contain a password. */
export function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not a URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is neither https nor http';
  if (url.username !== '' || url.password !== '') return 'contains a user name or password';
  return url.search !== '' || url.hash !== '' ? 'contains a query or fragment' : undefined;
}
