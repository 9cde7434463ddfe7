import type { MiddlewareHandler } from 'hono';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/**
 * Refuses requests that a foreign web page makes a browser send, since the controls need no key.
 *
 * A `Host` other than the simulator's own is a name that was rebound to this machine. If it listens on every
 * address, its own names are unknown: then programs may use any name, and browsers a loopback name.
 *
 * @param listensOn `SIMULATOR_HOST`.
 */
export function onlyOwnHost(listensOn: string): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    const origin = c.req.header('origin');
    const site = c.req.header('sec-fetch-site');
    const isBrowser = origin !== undefined || site !== undefined;
    const isCrossSite =
      (site !== undefined && site !== 'same-origin' && site !== 'none') ||
      (origin !== undefined && URL.parse(origin)?.host !== host);
    const name = URL.parse(`http://${host}`)?.hostname ?? '';
    const isOwn =
      LOOPBACK.has(name) ||
      name === URL.parse(`http://${bracketed(listensOn)}`)?.hostname ||
      (WILDCARDS.has(listensOn) && !isBrowser);
    if (isOwn && !isCrossSite) return next();
    return c.json({ detail: 'The simulator does not serve other sites or host names' }, 403);
  };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
