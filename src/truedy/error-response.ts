import { z } from 'zod';
import { normalizeWord } from '../call/outcome';
import { TruedyResponseError } from './errors';
import { retryAtMs } from './retry-after';

const text = z.string().optional().catch(undefined);
// Codes and ids appear in messages and logs, so anything that does not look like one is dropped.
const code = text.transform(toCode);
const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .optional()
  .catch(undefined);

const errorFields = z.object({
  code,
  message: text,
  request_id: token,
  details: z.looseObject({ reset_at: text }).optional().catch(undefined),
});
const meta = z.object({ request_id: token }).optional().catch(undefined);

const NAMES_CALL = /^call(?:id|[_-][\w-]*)?$/i;
const MENTIONS_CALL = /(?:^|[^a-z])call(?:[^a-z]|$)/i;

/** The documented error formats, with and without `meta`, and those of Truedy's web framework. */
const errorBody = z.union([
  z.object({ error: errorFields, meta }),
  z.object({ detail: z.object({ error: errorFields }) }).transform(({ detail }) => ({
    error: detail.error,
    meta: undefined,
  })),
  z.object({ detail: z.string() }).transform(({ detail }) => ({
    error: errorFields.parse({ message: detail }),
    meta: undefined,
  })),
  z.object({ error: z.string() }).transform(({ error }) => ({
    error: errorFields.parse({ message: error }),
    meta: undefined,
  })),
  z.object({ detail: z.array(z.unknown()) }).transform(() => ({
    error: errorFields.parse({ code: 'validation_error' }),
    meta: undefined,
  })),
]);

/** Reads the error of an answer that is not 2xx. The body can be anything, because it may come from a proxy. */
export function toResponseError(
  request: string,
  answer: {
    readonly status: number;
    readonly header: (name: string) => string | undefined;
    readonly body: string;
  },
  nowMs: number,
): TruedyResponseError {
  const { status, header } = answer;
  const read = errorBody.safeParse(parse(answer.body));
  const error = read.success ? read.data.error : undefined;
  return new TruedyResponseError(request, status, {
    code: error?.code,
    requestId:
      (read.success ? read.data.meta?.request_id : undefined) ??
      error?.request_id ??
      token.parse(header('x-request-id')),
    namesCall: status === 404 && namesCall(error),
    ...(status === 429 && {
      retryAtMs: retryAtMs(
        {
          resetAt: error?.details?.reset_at,
          retryAfter: header('retry-after'),
          rateLimitReset: header('x-ratelimit-reset'),
        },
        nowMs,
      ),
    }),
  });
}

// --- internal ---

/** Whether a 404 is about a call, not its agent. Truedy's backend returns that after it has dialed. */
function namesCall(error: z.infer<typeof errorFields> | undefined): boolean {
  if (error === undefined) return false;
  const details = Object.entries(error.details ?? {})
    // The id of an agent can contain any word.
    .filter(([key]) => !/agent/i.test(key))
    .flat()
    .filter((text) => typeof text === 'string');
  if (details.some((text) => NAMES_CALL.test(text))) return true;
  const words = [error.code, error.message, ...details].join(' ');
  return MENTIONS_CALL.test(words) && !/agent/i.test(words);
}

function toCode(text: string | undefined): string | undefined {
  const word = normalizeWord(text ?? '').slice(0, 64);
  return /^[a-z][a-z0-9_.]*$/.test(word) ? word : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
