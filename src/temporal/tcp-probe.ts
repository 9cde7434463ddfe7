import { connect } from 'node:net';
import type { TemporalSettings } from './client';

/**
 * Tries to connect once. gRPC takes ten seconds to notice a closed port, and its error says little.
 *
 * @returns Why the connection failed; `undefined` if it succeeded, or did neither within the limit.
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
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(reasonFor(error.code)));
    });
  } finally {
    socket.destroy();
  }
}

/** The message for a server that cannot be reached. */
export function unreachable(
  { address, addressSource }: Pick<TemporalSettings, 'address' | 'addressSource'>,
  why = 'no answer',
): string {
  return (
    `TT1001  Can't reach Temporal at ${address} (${why}). The address comes from ${addressSource}.\n` +
    '        Start a server:     temporal server start-dev\n' +
    '        Or point to yours:  TEMPORAL_ADDRESS=host:7233 or TEMPORAL_PROFILE=name'
  );
}

/** Whether the address is on this machine, where the server most likely belongs to the user. */
export function isOnThisMachine(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(address);
}

// --- internal ---

/** Splits off the port. An IPv6 host is in brackets, because it contains colons. */
function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, host = address, port = '7233'] = /^(.*?)(?::(\d+))?$/.exec(address) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function reasonFor(code = 'no connection'): string {
  const reasons = new Map([
    ['ECONNREFUSED', 'connection refused'],
    ['ENOTFOUND', 'no such host'],
    ['EAI_AGAIN', 'DNS did not answer'],
    ['EHOSTUNREACH', 'no route to host'],
    ['ENETUNREACH', 'network unreachable'],
  ]);
  return reasons.get(code) ?? code;
}
