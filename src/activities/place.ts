import { activityInfo, log } from '@temporalio/activity';
import type { DialConditions, FailureType, FrozenRequest, Placed } from '../call/attempt';
import { matchNumber, matchReference, provesAnswer } from '../call/evidence';
import { LATEST_SEND_MS, sendLimits } from '../call/pace';
import type { TruedyClient } from '../truedy/client';
import { TruedyNetworkError, TruedyResponseError } from '../truedy/errors';
import { isOpen, nextOpeningMs } from './window';
import { within } from '../within';

/** The deployment's own word on a dial, asked just before it. `notBefore` is ISO 8601. */
export type MayDial = (dial: {
  readonly reference: string;
  readonly phoneNumber: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly attempt: number;
}) => Promise<'yes' | { readonly no: string } | { readonly notBefore: string }>;

export interface PlaceDependencies {
  readonly truedy: TruedyClient;
  /** Whether the server knows another run under this workflow id: it may have dialled already. */
  readonly hasOtherRun: (workflowId: string, runId: string) => Promise<boolean>;
  readonly mayDial: MayDial;
}

export function createPlaceCall({ truedy, hasOtherRun, mayDial }: PlaceDependencies) {
  /**
   * Sends the one request that rings, or nothing. Temporal never repeats it (`maximumAttempts: 1`), and
   * it is not aborted by a cancellation: once it runs, its answer is what matters.
   */
  return async function placeCall(
    request: FrozenRequest,
    conditions: DialConditions,
  ): Promise<Placed> {
    const startedAt = performance.now();
    const objection =
      (await objectionOfHistory(request)) ??
      objectionOfTime(conditions, Date.now()) ??
      (await objectionOfDeployment(request, conditions));
    if (objection !== undefined) return objection;
    // A paused process wakes up here long after Temporal gave its activity up, and must not ring.
    if (performance.now() - startedAt > LATEST_SEND_MS) {
      return later('the last questions took too long, nothing was sent');
    }
    return send(request, conditions);
  };

  async function objectionOfHistory(request: FrozenRequest): Promise<Placed | undefined> {
    const { workflowId = '', runId = '' } = activityInfo().workflowExecution ?? {};
    // A reset dispatches an open activity again in spite of its one attempt; seen on Server 1.32.
    const isReset = request.runId !== runId || request.firstRunId !== runId;
    if (isReset) return unclear('this run is a reset: an earlier life may have sent the request');
    try {
      const asked = await within(LATEST_SEND_MS, hasOtherRun(workflowId, runId));
      return asked
        ? unclear('another run had this workflow id: it may have sent the request')
        : undefined;
    } catch (error) {
      return later(`Temporal could not say whether another run had this id: ${nameOf(error)}`);
    }
  }

  async function objectionOfDeployment(
    request: FrozenRequest,
    { labels, attempt }: DialConditions,
  ): Promise<Placed | undefined> {
    const { reference, phoneNumber } = request;
    try {
      const word = await within(
        LATEST_SEND_MS,
        mayDial({ reference, phoneNumber, labels, attempt }),
      );
      if (word === 'yes') return undefined;
      if ('no' in word) return { kind: 'withheld', outcome: 'suppressed', reason: word.no };
      const untilMs = Date.parse(word.notBefore);
      if (Number.isNaN(untilMs)) return later('the dial check named no instant that can be read');
      return { ...later('the dial check says not yet'), untilMs };
    } catch (error) {
      return later(`the dial check gave no answer: ${nameOf(error)}`);
    }
  }

  async function send(request: FrozenRequest, { timeScale }: DialConditions): Promise<Placed> {
    const sentAtMs = Date.now();
    try {
      const call = await truedy.placeCall(request, sendLimits(timeScale).replyMs);
      const proof = provesAnswer({
        number: matchNumber(call.phoneNumber, request.phoneNumber),
        reference: matchReference(call.reference, request.reference),
      });
      if (proof === 'nothing') return unclear('POST /calls answered with another call', sentAtMs);
      return {
        kind: 'placed',
        callId: call.callId,
        saysFailed: call.record.status === 'failed',
        sentAtMs,
      };
    } catch (error) {
      const proof = whatItProves(error, sentAtMs);
      const { attempt } = request;
      log.info('placeCall got no call id', { attempt, kind: proof.kind, why: nameOf(error) });
      return proof;
    }
  }
}

/** The conditions of our own side that a clock can answer; `undefined` where none objects. */
export function objectionOfTime(conditions: DialConditions, nowMs: number): Placed | undefined {
  const { window, notBeforeMs = 0, expiresAtMs = Infinity } = conditions;
  const earliestMs = Math.max(nowMs, notBeforeMs);
  const openMs = window === undefined ? earliestMs : nextOpeningMs(window, earliestMs);
  if (openMs >= expiresAtMs) {
    return {
      kind: 'withheld',
      outcome: 'expired',
      reason: nowMs >= expiresAtMs ? 'expiresAt has passed' : 'expiresAt comes first',
    };
  }
  if (openMs <= nowMs) return undefined;
  const reason =
    window !== undefined && !isOpen(window, nowMs) ? 'outside the window' : 'before notBefore';
  return { ...later(reason), untilMs: openMs };
}

// Statuses that prove, whoever spoke, that no phone rang. 429 proves it too, and lets the same bytes go again.
const REFUSALS: ReadonlyMap<number, FailureType> = new Map<number, FailureType>([
  [400, 'bad_request'],
  [401, 'unauthorized'],
  [402, 'insufficient_credits'],
  [403, 'forbidden'],
  [404, 'refused'],
  [405, 'refused'],
  [413, 'payload_too_large'],
  [414, 'refused'],
  [415, 'refused'],
  [422, 'validation_error'],
  [431, 'refused'],
]);

// The vendor's codes, and the words of its other dialects for the same faults.
const CODES: ReadonlyMap<string, FailureType> = new Map<string, FailureType>([
  ['agent_not_found', 'agent_not_found'],
  ['not_found', 'agent_not_found'],
  ['no_phone_number_configured', 'no_phone_number_configured'],
  ['invalid_phone_number', 'invalid_phone_number'],
  ['agent_not_active', 'agent_not_active'],
  ['validation_error', 'validation_error'],
]);

/** What the end of a request proves. Whatever proves nothing is unclear. */
export function whatItProves(error: unknown, sentAtMs: number): Placed {
  if (error instanceof TruedyNetworkError && !error.mayBeSent) {
    return { kind: 'deferred', cause: 'truedy_unreachable', reason: error.message };
  }
  if (!(error instanceof TruedyResponseError)) return unclear(nameOf(error), sentAtMs);
  const { status, code, requestId, retryAtMs } = error;
  if (status === 429) {
    return {
      kind: 'deferred',
      cause: 'rate_limited',
      reason: error.message,
      ...(retryAtMs !== undefined && { untilMs: retryAtMs }),
    };
  }
  const byStatus = REFUSALS.get(status);
  if (byStatus === undefined || (status === 404 && error.namesCall)) {
    return unclear(error.message, sentAtMs);
  }
  return {
    kind: 'refused',
    type: typeOfRefusal(status, code, byStatus),
    status,
    ...(requestId !== undefined && { requestId }),
  };
}

// --- internal ---

function typeOfRefusal(
  status: number,
  code: string | undefined,
  byStatus: FailureType,
): FailureType {
  const isCoded = status === 404 || status === 422;
  if (!isCoded || code === undefined) return byStatus;
  return CODES.get(code) ?? 'refused';
}

function unclear(reason: string, latestSendMs = Date.now()): Placed {
  return { kind: 'unclear', reason, latestSendMs };
}

function later(reason: string) {
  return { kind: 'deferred', cause: 'conditions', reason } as const;
}

/** Messages of our own errors name ids and statuses; those of others may name anything. */
function nameOf(error: unknown): string {
  if (error instanceof TruedyResponseError || error instanceof TruedyNetworkError) {
    return error.message;
  }
  return error instanceof Error ? error.name : 'unknown error';
}
