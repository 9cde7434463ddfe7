import { connect } from 'node:net';

/**
 * Tries to connect once. gRPC takes ten seconds to find a dead port, and says little then.
 *
 * @returns Why nothing can be reached there; `undefined` where something listens, or is silent for that long.
 */
export async function whyUnreachable(
  address: string,
  limitMs: number,
): Promise<string | undefined> {
  const socket = connect({ ...hostAndPort(address), timeout: limitMs });
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('timeout', () => resolve(undefined));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(wordsFor(error.code)));
    });
  } finally {
    socket.destroy();
  }
}

/** Whether an address is of this machine, where a server is most likely a person's own. */
export function isOnThisMachine(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(address);
}

// --- internal ---

/** An IPv6 host is in brackets, and has colons of its own. */
function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, host = address, port = '7233'] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function wordsFor(code = 'no connection'): string {
  const words = new Map([
    ['ECONNREFUSED', 'connection refused'],
    ['ENOTFOUND', 'no such host'],
    ['EAI_AGAIN', 'the name service does not answer'],
    ['EHOSTUNREACH', 'no route to that host'],
    ['ENETUNREACH', 'no route to that network'],
  ]);
  return words.get(code) ?? code;
}
