import { randomUUID } from 'node:crypto';
import { toIso } from '../phones/clock';
import type { Fault } from '../script/faults';

/** A complete response, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a response is sent, with or without a network fault. */
export type Reply =
  | { readonly kind: 'whole'; readonly answer: Answer }
  /** The connection is reset. */
  | { readonly kind: 'cut' }
  /** The connection is reset in the middle of the body. */
  | { readonly kind: 'cut_body'; readonly answer: Answer }
  | { readonly kind: 'drip'; readonly answer: Answer; readonly everyMs: number };

export function whole(answer: Answer): Reply {
  return { kind: 'whole', answer };
}

export function jsonAnswer(status: number, body: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-request-id': toRequestId() },
    body: JSON.stringify(body),
  };
}

type ErrorFault = Extract<Fault, { kind: 'answer' }>;
type Format = ErrorFault['as'];

export interface ErrorFields {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** An error in the vendor's documented envelope. */
export function errorAnswer(status: number, error: ErrorFields, nowMs: number): Answer {
  return jsonAnswer(status, { error: toError(status, error), meta: metaAt(nowMs) });
}

/** The response of a fault, in the format of the server that `as` names. */
export function faultAnswer(fault: ErrorFault, nowMs: number): Answer {
  const { status, dials, code, message, as, resetAfterMs, retryAfterSeconds } = fault;
  const details = resetAfterMs === undefined ? undefined : resetDetails(nowMs + resetAfterMs);
  const seconds = retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) };
  // After a dial, Truedy's 404 is about the call.
  const lostCall = status === 404 && dials ? 'Call not found.' : undefined;
  const answer = inFormat(as, status, { code, message: message ?? lostCall, details }, nowMs);
  return { ...answer, headers: { ...answer.headers, ...seconds } };
}

function inFormat(as: Format, status: number, error: ErrorFields, nowMs: number): Answer {
  switch (as) {
    case 'vendor':
      return errorAnswer(status, error, nowMs);
    case 'bare':
      return jsonAnswer(status, { error: toError(status, error) });
    case 'framework':
      return jsonAnswer(status, { detail: frameworkDetail(status, error) });
    case 'html':
      return { status, headers: { 'content-type': 'text/html' }, body: gatewayPage(status) };
    case 'empty':
      return { status, headers: {}, body: '' };
  }
}

/** The error of the vendor's web framework, below the vendor's own errors. */
function frameworkDetail(status: number, error: ErrorFields): unknown {
  if (status === 422) {
    const loc = ['body', 'phone_number'];
    return [{ type: 'string_pattern_mismatch', loc, msg: error.message ?? 'Wrong', input: '' }];
  }
  return error.code === undefined
    ? (error.message ?? 'Not Found')
    : { error: toError(status, error) };
}

export function resetDetails(resetAtMs: number, limit = 100): Readonly<Record<string, unknown>> {
  return { limit, reset_at: toIso(resetAtMs) };
}

export function gatewayPage(status: number): string {
  return `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center></body></html>`;
}

export function metaAt(nowMs: number) {
  return { request_id: toRequestId(), ts: toIso(nowMs) };
}

export function toRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '').slice(0, 16)}`;
}

const CODES: ReadonlyMap<number, string> = new Map([
  [400, 'bad_request'],
  [401, 'unauthorized'],
  [402, 'insufficient_credits'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [409, 'conflict'],
  [413, 'payload_too_large'],
  [422, 'validation_error'],
  [429, 'rate_limited'],
  [500, 'internal_error'],
  [502, 'provider_error'],
]);

function toError(status: number, { code, message, details }: ErrorFields) {
  const name = code ?? CODES.get(status) ?? 'server_error';
  return {
    code: name,
    message: message ?? `The request failed: ${name}.`,
    ...(details && { details }),
  };
}
