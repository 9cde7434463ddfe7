import { z } from 'zod';
import { foldWord } from '../call/outcome';
import { TruedyResponseError } from './errors';
import { retryAtMs } from './retry-after';

const text = z.string().optional().catch(undefined);
// Codes and ids go into messages and logs: only what looks like one does.
const code = text.transform(toCode);
const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/)
  .optional()
  .catch(undefined);

const fault = z.object({
  code,
  message: text,
  request_id: token,
  details: z.looseObject({ reset_at: text }).optional().catch(undefined),
});
const meta = z.object({ request_id: token }).optional().catch(undefined);

const NAMES_CALL = /^call(?:id|[_-][\w-]*)?$/i;
const SPEAKS_OF_CALL = /(?:^|[^a-z])call(?:[^a-z]|$)/i;

/** The documented shapes of an error: with and without `meta`, and those of the vendor's web framework. */
const errorBody = z.union([
  z.object({ error: fault, meta }),
  z.object({ detail: z.object({ error: fault }) }).transform(({ detail }) => ({
    error: detail.error,
    meta: undefined,
  })),
  z.object({ detail: z.string() }).transform(({ detail }) => ({
    error: fault.parse({ message: detail }),
    meta: undefined,
  })),
  z.object({ error: z.string() }).transform(({ error }) => ({
    error: fault.parse({ message: error }),
    meta: undefined,
  })),
  z.object({ detail: z.array(z.unknown()) }).transform(() => ({
    error: fault.parse({ code: 'validation_error' }),
    meta: undefined,
  })),
]);

/** The error of an answer that is not 2xx. Bodies may be anything: a proxy may have spoken. */
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

/** A 404 for a call, not for its agent: the vendor's backend raises it after it has dialled. */
function namesCall(error: z.infer<typeof fault> | undefined): boolean {
  if (error === undefined) return false;
  const details = Object.entries(error.details ?? {})
    // The id of an agent may hold any word.
    .filter(([key]) => !/agent/i.test(key))
    .flat()
    .filter((told) => typeof told === 'string');
  if (details.some((told) => NAMES_CALL.test(told))) return true;
  const words = [error.code, error.message, ...details].join(' ');
  return SPEAKS_OF_CALL.test(words) && !/agent/i.test(words);
}

function toCode(told: string | undefined): string | undefined {
  const word = foldWord(told ?? '').slice(0, 64);
  return /^[a-z][a-z0-9_.]*$/.test(word) ? word : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
