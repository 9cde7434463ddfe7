import type { IncomingMessage } from 'node:http';
import { isFresh, readClaim } from '../truedy/signature';

/** Whether the headers could be those of a genuine delivery. Only then is the sender asked for its body. */
export function shouldSendContinue({ headers }: IncomingMessage): boolean {
  const claim = readClaim((name) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  });
  return claim !== undefined && isFresh(claim.timestamp, Date.now());
}
