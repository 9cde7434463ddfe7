import { readReference, type Reference } from '../call/dial-request';
import type { CallEvent } from '../call/api-types';
import { isCompleteEnding } from '../call/call-record';
import { TimeoutError, withTimeout } from '../runtime/timeout';
import { grpcCodeOf, TEMPORAL_LIMIT_MS } from '../temporal/grpc-status';
import { isWorthParsing, readDelivery, type Delivery } from '../truedy/delivery';
import { isFresh, isSigned, readClaim } from '../truedy/signature';
import { MAX_BODY_BYTES, type Unread } from './body';
import { createCapacity } from './capacity';
import type { Correlate } from './correlate';
import { isIdentity, isJson } from './media-type';
import { requestIdOf } from './request-id';
import type { Signal } from './signal';

/** The result of a delivery, as it is logged and counted. */
export const DELIVERY_RESULTS = [
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
export type DeliveryResult = (typeof DELIVERY_RESULTS)[number];

/** Results that a sender without a secret can cause. */
const UNVERIFIED: ReadonlySet<DeliveryResult> = new Set([
  'unsigned',
  'stale',
  'forged',
  'wrong_type',
  'too_large',
  'overloaded',
]);

/** Whether anyone could have sent this delivery. Such deliveries are counted, and logged up to a limit. */
export function isUnverified({ fate }: Received): boolean {
  return UNVERIFIED.has(fate);
}

/** The response to a delivery, and the fields that are logged. */
export interface Received {
  readonly status: 204 | 401 | 413 | 415 | 422 | 503;
  readonly fate: DeliveryResult;
  readonly event?: string;
  readonly workflowId?: string;
  /** The first id in the delivery. */
  readonly callId?: string;
  /** The attempt that the reference names. */
  readonly attempt?: number;
  /** From the end of the call, by Truedy's clock, until the delivery arrived, by ours. At least 0. */
  readonly lagMs?: number;
  /** How long Temporal took, or how long the bridge waited for it. */
  readonly tookMs?: number;
  /** For `temporal_away`: class and gRPC code of the error. Its message could contain anything. */
  readonly error?: string;
}

export interface ReceiverOptions {
  /** Newest first. All are tried. */
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

/** Concurrent requests to Temporal. If Temporal is slow, more would only wait behind these. */
const MAX_SIGNALS_IN_FLIGHT = 256;
/** The bodies of these requests, which stay in memory until Temporal answers. */
const MAX_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;

/** The events that report the progress of a call. All others are ignored. */
const USED_EVENTS: ReadonlySet<string> = new Set([
  'call.started',
  'call.joined',
  'call.ended',
  'call.failed',
]);

/**
 * Receives one delivery: every check in its order, then the signal. It keeps nothing: 204 means that
 * Temporal has it or that it is not needed, 503 that it should come again.
 *
 * @see design of the bridge in docs/architecture.md
 */
export function createReceiver(options: ReceiverOptions) {
  const { secrets, now, correlate, signal } = options;
  const signals = createCapacity(options.maxSignalsInFlight ?? MAX_SIGNALS_IN_FLIGHT);
  const bytes = createCapacity(options.maxBytesInFlight ?? MAX_BYTES_IN_FLIGHT);
  return async function receive(request: {
    readonly header: (name: string) => string | undefined;
    /** Called only if the headers are valid. */
    readonly readBody: () => Promise<Uint8Array | Unread>;
  }): Promise<Received> {
    const { header, readBody } = request;
    if (Number(header('content-length') ?? 0) > MAX_BODY_BYTES) {
      return { status: 413, fate: 'too_large' };
    }
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
    const delivery = parse(rawBody);
    if (delivery === undefined) return { status: 422, fate: 'unusable' };
    const { event } = delivery;
    if (!USED_EVENTS.has(event)) return { status: 204, fate: 'unused', event };
    if (!reserve(rawBody)) return { status: 503, fate: 'overloaded', event };
    const arrivedMs = now();
    const startedMs = performance.now();
    // Released when Temporal is done with it, which may be after the response to the sender.
    const forwarding = forward(delivery, rawBody).finally(() => release(rawBody));
    const forwarded = await withTimeout(TEMPORAL_LIMIT_MS, forwarding).catch(temporalAway);
    const tookMs = Math.round(performance.now() - startedMs);
    return { ...forwarded, ...callFields(delivery, arrivedMs), tookMs };
  };

  function reserve({ byteLength }: Uint8Array): boolean {
    if (!signals.reserve(1)) return false;
    if (bytes.reserve(byteLength)) return true;
    signals.release(1);
    return false;
  }

  function release({ byteLength }: Uint8Array): void {
    signals.release(1);
    bytes.release(byteLength);
  }

  async function forward(delivery: ParsedDelivery, rawBody: Uint8Array): Promise<Received> {
    const workflowId = await correlate(delivery);
    if (workflowId === undefined) return { status: 204, fate: 'unmatched' };
    const requestId = requestIdOf({ ...delivery, workflowId, rawBody });
    const fate = await signal(workflowId, toEvent(delivery, now()), requestId);
    return { status: 204, fate, workflowId };
  }
}

// --- internal ---

interface ParsedDelivery extends Omit<Delivery, 'reference'> {
  readonly reference: Reference | undefined;
}

function parse(rawBody: Uint8Array): ParsedDelivery | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
    if (!isWorthParsing(text)) return undefined;
    const delivery = readDelivery(JSON.parse(text, rejectUnpairedSurrogates));
    return delivery && { ...delivery, reference: readReference(delivery.reference ?? '') };
  } catch {
    return undefined;
  }
}

/** An unpaired surrogate, written as an escape, is not valid text and would change on its way to Temporal. */
function rejectUnpairedSurrogates(key: string, value: unknown): unknown {
  const isUnpaired = (text: string) => /\p{Surrogate}/u.test(text);
  if (isUnpaired(key) || (typeof value === 'string' && isUnpaired(value))) {
    throw new SyntaxError('unpaired surrogate');
  }
  return value;
}

/** The fields of a delivery that are logged and counted. */
function callFields({ event, ids: [callId], reference, record }: ParsedDelivery, nowMs: number) {
  const endedMs = Date.parse(record.ended_at ?? '');
  return {
    event,
    ...(callId !== undefined && { callId }),
    ...(reference !== undefined && { attempt: reference.attempt }),
    ...(!Number.isNaN(endedMs) && { lagMs: Math.max(0, nowMs - endedMs) }),
  };
}

/** What the run receives: ids and how the call ended, never a phone number or a variable. */
function toEvent(delivery: ParsedDelivery, nowMs: number): CallEvent {
  const { event, ids, deliveryId, reference, record, numberDigest, reason } = delivery;
  return {
    event,
    ids,
    receivedAt: new Date(nowMs).toISOString(),
    ...(deliveryId !== null && { deliveryId }),
    ...(reference !== undefined && { attempt: reference.attempt }),
    ...(record.id !== null && { callId: record.id }),
    ...(numberDigest !== null && { numberDigest }),
    ...(reason !== null && { reason }),
    ...(isCompleteEnding(record) && { call: record }),
  };
}

/** Temporal failed or timed out. The sender is asked to retry: the client's own retries take longer than it waits. */
function temporalAway(error: unknown): Received {
  const text = error instanceof TimeoutError ? error.message : errorName(error);
  return { status: 503, fate: 'temporal_away', error: text };
}

function errorName(error: unknown): string {
  const code = grpcCodeOf(error);
  const name = error instanceof Error ? error.name : 'unknown';
  return typeof code === 'number' ? `${name} ${code}` : name;
}
