import { Agent, request } from 'undici';
import { isSafeAddress, isThisMachine } from '../../runtime/config';
import { KnownError } from '../../runtime/process';
import { sign } from '../../truedy/signature';
import type { HeaderList } from './delivery';
import { EXIT } from '../shared/exit-codes';
import { print, type OutputFormat } from '../shared/output';

/** Where the bridge listens by default. */
const DEFAULT_TARGET = 'http://127.0.0.1:8787/webhooks/truedy';

/** What a verb that sends is told of where. */
export interface TargetFlags {
  readonly to?: string;
  readonly yes?: boolean;
}

const ANSWER_LIMIT_MS = 10_000;

/** The address to send to. @throws KnownError for another machine without `--yes`, and for http beyond this one. */
export function targetOf({ to = DEFAULT_TARGET, yes = false }: TargetFlags): string {
  if (isThisMachine(to) || (yes && isSafeAddress(to))) return to;
  const problem = isSafeAddress(to)
    ? 'is not on this machine: --yes sends there all the same'
    : 'is neither https nor http on this machine';
  throw new KnownError(
    `TT4004  ${to} ${problem}. Nothing was sent.\n        --to ${DEFAULT_TARGET}`,
    EXIT.usage,
  );
}

/** Sends the bytes as they are, once. @returns The status; the reason where no answer came. */
export async function send(
  url: string,
  { headers, body }: { readonly headers: HeaderList; readonly body: Uint8Array },
  signal = AbortSignal.timeout(ANSWER_LIMIT_MS),
): Promise<number | string> {
  // One of its own: no proxy of the environment learns of it, and no redirect is followed.
  const dispatcher = new Agent();
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: headers.flat(),
      body,
      dispatcher,
      signal,
    });
    return answer.statusCode;
  } catch (error) {
    return codeIn(error);
  } finally {
    await dispatcher.destroy();
  }
}

/** Timestamp and signature for these bytes. */
export function signedHeaders(secret: string, rawBody: Uint8Array, sentMs: number): HeaderList {
  const timestamp = String(Math.floor(sentMs / 1000));
  return [
    ['X-Truedy-Timestamp', timestamp],
    ['X-Truedy-Signature', sign({ secret, timestamp, rawBody })],
  ];
}

/** Tells what became of a delivery of ours. @throws KnownError where it was not taken. */
export function tellAnswer(format: OutputFormat, url: string, answer: number | string): number {
  if (answer !== 204) throw notTaken(url, answer);
  const meaning = 'Temporal has it, or nobody needs it: an event or a call that no run waits for';
  print(format, { status: answer, meaning, to: url }, `204  ${meaning}.`);
  return EXIT.done;
}

// --- internal ---

function notTaken(url: string, answer: number | string): KnownError {
  if (typeof answer === 'string') {
    return new KnownError(
      `TT4001  Nobody answers at ${url} (${answer}).\n        npm run bridge`,
      EXIT.unreachable,
    );
  }
  const [meaning, next, exit] = meaningOf(answer);
  return new KnownError(`TT4005  Not taken (${answer}): ${meaning}.\n        ${next}`, exit);
}

function meaningOf(status: number): readonly [meaning: string, next: string, exit: number] {
  switch (status) {
    case 401:
      return [
        'unsigned, stale, or by a secret the bridge does not have (TRUEDY_WEBHOOK_SECRETS)',
        'temporal truedy events verify PATH   names the rule a saved delivery breaks',
        EXIT.settings,
      ];
    case 413:
      return ['its body is over 1 MiB', 'temporal truedy events verify PATH', EXIT.usage];
    case 415:
      return [
        'it is no plain JSON by its headers',
        'temporal truedy events verify PATH',
        EXIT.usage,
      ];
    case 422:
      return ['signed, but of no use', 'temporal truedy events verify PATH', EXIT.usage];
    case 503:
      return [
        'the bridge does not reach Temporal, or has too much under way',
        'temporal truedy doctor',
        EXIT.unreachable,
      ];
    default:
      return [
        'that is no answer of the bridge to a delivery',
        `--to ${DEFAULT_TARGET}`,
        EXIT.usage,
      ];
  }
}

/** The code of Node's or undici's error; its text could repeat an address twice. */
function codeIn(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'no answer';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error && typeof error.name === 'string' ? error.name : 'no answer';
}
