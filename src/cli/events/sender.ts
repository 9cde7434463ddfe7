import { Agent, request } from 'undici';
import { isSafeAddress, isThisMachine } from '../../runtime/addresses';
import { KnownError } from '../../runtime/process';
import { sign } from '../../truedy/signature';
import type { HeaderList } from './delivery';
import { EXIT } from '../shared/exit-codes';
import { print, type OutputFormat } from '../shared/output';
import { usageError } from '../shared/usage-error';

/** The bridge's default address. */
const DEFAULT_TARGET = 'http://127.0.0.1:8787/webhooks/truedy';

/** The flags of the verbs that send. */
export interface TargetFlags {
  readonly to?: string;
  readonly yes?: boolean;
}

const RESPONSE_LIMIT_MS = 10_000;

/** The address to send to. @throws KnownError for another machine without `--yes` or without https. */
export function targetOf({ to = DEFAULT_TARGET, yes = false }: TargetFlags): string {
  if (isThisMachine(to) || (yes && isSafeAddress(to))) return to;
  const problem = isSafeAddress(to)
    ? 'is not on this machine: add --yes to send there'
    : 'is neither https nor http on this machine';
  throw usageError(`TT4004  ${to} ${problem}. Nothing was sent.`, `--to ${DEFAULT_TARGET}`);
}

/** Sends the bytes unchanged, once. @returns The status, or why there was no response. */
export async function send(
  url: string,
  { headers, body }: { readonly headers: HeaderList; readonly body: Uint8Array },
  signal = AbortSignal.timeout(RESPONSE_LIMIT_MS),
): Promise<number | string> {
  // A separate agent ignores the proxies of the environment and follows no redirects.
  const dispatcher = new Agent();
  try {
    const response = await request(url, {
      method: 'POST',
      headers: headers.flat(),
      body,
      dispatcher,
      signal,
    });
    return response.statusCode;
  } catch (error) {
    return codeIn(error);
  } finally {
    await dispatcher.destroy();
  }
}

/** The timestamp and signature headers for these bytes. */
export function signedHeaders(secret: string, rawBody: Uint8Array, sentMs: number): HeaderList {
  const timestamp = String(Math.floor(sentMs / 1000));
  return [
    ['X-Truedy-Timestamp', timestamp],
    ['X-Truedy-Signature', sign({ secret, timestamp, rawBody })],
  ];
}

/** Prints the response to a delivery that we sent. @throws KnownError if it was not accepted. */
export function printResponse(
  format: OutputFormat,
  url: string,
  response: number | string,
): number {
  if (response !== 204) throw notAccepted(url, response);
  const meaning = 'delivered to a run, or ignored because no run uses it';
  print(format, { status: response, meaning, to: url }, `204  ${meaning}.`);
  return EXIT.done;
}

// --- internal ---

function notAccepted(url: string, response: number | string): KnownError {
  if (typeof response === 'string') {
    return new KnownError(
      `TT4001  No response from ${url} (${response}).\n        npm run bridge`,
      EXIT.unreachable,
    );
  }
  const [meaning, next, exit] = STATUSES[response] ?? OTHER_STATUS;
  return new KnownError(`TT4005  Not accepted (${response}): ${meaning}.\n        ${next}`, exit);
}

const VERIFY = 'temporal truedy events verify PATH';

/** What each status of the bridge means, the next command, and our exit code. */
const STATUSES: Readonly<Record<number, readonly [meaning: string, next: string, exit: number]>> = {
  401: [
    'it is unsigned, stale, or signed with a secret the bridge does not have (TRUEDY_WEBHOOK_SECRETS)',
    `${VERIFY}   shows which rule a saved delivery breaks`,
    EXIT.settings,
  ],
  413: ['the body is larger than 1 MiB', VERIFY, EXIT.usage],
  415: ['its headers do not declare plain JSON', VERIFY, EXIT.usage],
  422: ['it is signed, but its body is not usable', VERIFY, EXIT.usage],
  503: [
    'the bridge cannot reach Temporal or is overloaded',
    'temporal truedy doctor',
    EXIT.unreachable,
  ],
};
const OTHER_STATUS = [
  'the bridge does not send this status, so another program responded',
  `--to ${DEFAULT_TARGET}`,
  EXIT.usage,
] as const;

/** The code of a Node or undici error, whose message could repeat the address. */
function codeIn(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no response';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'no response';
}
