import { readReference } from '../call/dial-request';
import type { CallEvent } from '../call/api-types';
import { isCompleteEnding } from '../call/call-record';
import { isReasonable, readDelivery, type Delivery } from '../truedy/delivery';
import { isFresh, isSigned, readClaim } from '../truedy/signature';
import { MAX_BODY_BYTES, type Unread } from './body';
import type { Correlate } from './correlate';
import { isIdentity, isJson } from './media-type';
import { requestIdOf } from './request-id';
import { createRoom } from './capacity';
import type { Signal } from './signal';
import { grpcCodeOf, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';

/** What became of a delivery, for logs and counts. */
export const FATES = [
  'taken',
  'unused',
  'unmatched',
  'finished',
  'refused',
  'unsigned',
  'stale',
  'forged',
  'wrong_type',
  'too_large',
  'overloaded',
  'unusable',
  'temporal_away',
] as const;
export type Fate = (typeof FATES)[number];

/** What anybody can cause, without a secret. */
const UNVERIFIED: ReadonlySet<Fate> = new Set([
  'unsigned',
  'stale',
  'forged',
  'wrong_type',
  'too_large',
  'overloaded',
]);

/** Whether a stranger may have sent the delivery: such ones are counted, and logged up to a limit. */
export function isUnverified({ fate }: Received): boolean {
  return UNVERIFIED.has(fate);
}

export interface Received {
  readonly status: 204 | 401 | 413 | 415 | 422 | 503;
  readonly fate: Fate;
  readonly event?: string;
  readonly workflowId?: string;
  /** The first id the delivery names. */
  readonly callId?: string;
  /** The attempt of its reference. */
  readonly attempt?: number;
  /** From the end of the call, as the vendor tells it, until the delivery came; by two clocks, at least 0. */
  readonly lagMs?: number;
  /** How long Temporal took, or was waited for. */
  readonly tookMs?: number;
  /** Of `temporal_away`: the class and gRPC code of what was thrown; a message could hold anything. */
  readonly error?: string;
}

export interface ReceiverOptions {
  /** Newest first; all are tried. */
  readonly secrets: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly correlate: Correlate;
  readonly signal: Signal;
  /** Default 256. */
  readonly maxSignalsInFlight?: number;
  /** Bytes of verified bodies. Default 32 MiB. */
  readonly maxBytesInFlight?: number;
}

/** What Temporal is asked at once: where it is slow, more would only wait behind these. */
const MAX_SIGNALS_IN_FLIGHT = 256;
/** Their bodies stay in memory meanwhile. */
const MAX_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;

/** The events that tell of a call's course; the others are for other programs. */
const USED_EVENTS: ReadonlySet<string> = new Set([
  'call.started',
  'call.joined',
  'call.ended',
  'call.failed',
]);

/**
 * Receives one delivery: every check in its order, then the signal. It keeps nothing: 204 means that
 * Temporal has it or that nobody needs it, 503 that it should come again.
 *
 * @see design of the bridge in docs/architecture.md
 */
export function createReceiver(options: ReceiverOptions) {
  const { secrets, now, correlate, signal } = options;
  const signals = createRoom(options.maxSignalsInFlight ?? MAX_SIGNALS_IN_FLIGHT);
  const bytes = createRoom(options.maxBytesInFlight ?? MAX_BYTES_IN_FLIGHT);
  return async function receive(delivery: {
    readonly header: (name: string) => string | undefined;
    /** Called only once the headers are in order. */
    readonly readBody: () => Promise<Uint8Array | Unread>;
  }): Promise<Received> {
    const { header, readBody } = delivery;
    if (!isJson(header('content-type') ?? '') || !isIdentity(header('content-encoding'))) {
      return { status: 415, fate: 'wrong_type' };
    }
    const claim = readClaim(header);
    if (claim === undefined) return { status: 401, fate: 'unsigned' };
    if (!isFresh(claim.timestamp, now())) return { status: 401, fate: 'stale' };
    const rawBody = await readBody();
    if (rawBody === 'too_large') return { status: 413, fate: rawBody };
    if (rawBody === 'overloaded') return { status: 503, fate: rawBody };
    if (!isSigned({ ...claim, rawBody, secrets })) return { status: 401, fate: 'forged' };
    const told = parse(rawBody);
    if (told === undefined) return { status: 422, fate: 'unusable' };
    if (!USED_EVENTS.has(told.event)) return { status: 204, fate: 'unused', event: told.event };
    if (!takeRoom(rawBody)) return { status: 503, fate: 'overloaded', event: told.event };
    const cameMs = now();
    const startedMs = performance.now();
    // Freed once Temporal is done with it, however long ago its sender was answered.
    const handing = hand(told, rawBody).finally(() => freeRoom(rawBody));
    const handed = await within(TEMPORAL_LIMIT_MS, handing);
    const tookMs = Math.round(performance.now() - startedMs);
    return { ...handed, ...aboutCall(told, cameMs), tookMs };
  };

  function takeRoom({ byteLength }: Uint8Array): boolean {
    if (!signals.take(1)) return false;
    if (bytes.take(byteLength)) return true;
    signals.free(1);
    return false;
  }

  function freeRoom({ byteLength }: Uint8Array): void {
    signals.free(1);
    bytes.free(byteLength);
  }

  async function hand(told: Delivery, rawBody: Uint8Array): Promise<Received> {
    const workflowId = await correlate(told);
    if (workflowId === undefined) return { status: 204, fate: 'unmatched' };
    const requestId = requestIdOf({ ...told, workflowId, rawBody });
    const fate = await signal(workflowId, toEvent(told, now()), requestId);
    return { status: 204, fate, workflowId };
  }
}

// --- internal ---

function parse(rawBody: Uint8Array): Delivery | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
    return isReasonable(text) ? readDelivery(JSON.parse(text, refuseHalfSigns)) : undefined;
  } catch {
    return undefined;
  }
}

/** Half of a surrogate pair, written as an escape, is no text: it would change on its way to Temporal. */
function refuseHalfSigns(key: string, value: unknown): unknown {
  const isHalf = (text: string) => /\p{Surrogate}/u.test(text);
  if (isHalf(key) || (typeof value === 'string' && isHalf(value))) {
    throw new SyntaxError('half a sign');
  }
  return value;
}

/** What counts and logs need of a delivery. */
function aboutCall({ event, ids: [callId], reference, record }: Delivery, cameMs: number) {
  const attempt = reference === null ? undefined : readReference(reference)?.attempt;
  const endedMs = Date.parse(record.ended_at ?? '');
  return {
    event,
    ...(callId !== undefined && { callId }),
    ...(attempt !== undefined && { attempt }),
    ...(!Number.isNaN(endedMs) && { lagMs: Math.max(0, cameMs - endedMs) }),
  };
}

/** What the run needs of a delivery: ids and how the call ended, never a number or a variable. */
function toEvent(told: Delivery, nowMs: number): CallEvent {
  const attempt = told.reference === null ? undefined : readReference(told.reference)?.attempt;
  return {
    event: told.event,
    ids: told.ids,
    receivedAt: new Date(nowMs).toISOString(),
    ...(told.deliveryId !== null && { deliveryId: told.deliveryId }),
    ...(attempt !== undefined && { attempt }),
    ...(told.record.id !== null && { callId: told.record.id }),
    ...(told.numberDigest !== null && { numberDigest: told.numberDigest }),
    ...(told.reason !== null && { reason: told.reason }),
    ...(isCompleteEnding(told.record) && { call: told.record }),
  };
}

/** Temporal's answer, or 503 where it is away or too late: the client's own retries outlast any patience. */
async function within(limitMs: number, answer: Promise<Received>): Promise<Received> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<Received>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 503, fate: 'temporal_away', error: 'no answer' }),
      limitMs,
    );
  });
  const away = answer.catch((error: unknown): Received => ({
    status: 503,
    fate: 'temporal_away',
    error: nameOf(error),
  }));
  try {
    return await Promise.race([away, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function nameOf(error: unknown): string {
  const code = grpcCodeOf(error);
  const name = error instanceof Error ? error.name : 'unknown';
  return typeof code === 'number' ? `${name} ${code}` : name;
}
