import { z } from 'zod';
import { TruedyResponseError } from './errors';
import { retryAtMs } from './reset';

const text = z.string().optional().catch(undefined);

const fault = z.object({
  code: text,
  message: text,
  request_id: text,
  details: z.looseObject({ reset_at: text }).optional().catch(undefined),
});
const meta = z.object({ request_id: text }).optional().catch(undefined);

/** The documented shapes of an error: with and without `meta`, and the two of the vendor's web framework. */
const errorBody = z.union([
  z.object({ error: fault, meta }),
  z.object({ detail: z.object({ error: fault }) }).transform(({ detail }) => ({
    error: detail.error,
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
    code: error?.code?.toLowerCase().slice(0, 64),
    requestId:
      (read.success ? read.data.meta?.request_id : undefined) ??
      error?.request_id ??
      header('x-request-id'),
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
  if (error.details !== undefined && 'call_id' in error.details) return true;
  const words = `${error.code ?? ''} ${error.message ?? ''}`;
  return /(?:^|[^a-z])call(?:[^a-z]|$)/i.test(words) && !/agent/i.test(words);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
