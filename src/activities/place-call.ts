import { log } from '@temporalio/activity';
import type { DialConditions, FailureType, FrozenRequest, Placed } from '../call/dial-request';
import type { CallWindow } from '../call/input';
import { matchNumber, matchReference, provesAnswer } from '../call/evidence';
import { instantMs } from '../call/text/instant';
import { sendLimits } from '../call/timing';
import type { TruedyClient } from '../truedy/client';
import { TruedyNetworkError, TruedyResponseError } from '../truedy/errors';
import { within } from '../runtime/timeout';
import { askedToWaitMs, nameOf, otherScale } from './retry-failures';
import { createSendQuestions, later } from './send-questions';
import { serverClockFrom, type ServerClock, type ServerQuestions } from './server-questions';
import { isOpen, nextOpeningMs } from './calling-window';

const DIAL_CHECK_LIMIT_MS = 5_000;

/** The deployment's own word on a dial, asked just before it. `notBefore` is ISO 8601. */
export type MayDial = (dial: {
  readonly reference: string;
  readonly phoneNumber: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly attempt: number;
}) => Promise<'yes' | { readonly no: string } | { readonly notBefore: string }>;

export interface PlaceDependencies {
  readonly truedy: TruedyClient;
  readonly server: ServerQuestions;
  readonly mayDial: MayDial;
  /** By which this worker divides its waits: it belongs to the Truedy it speaks with. */
  readonly timeScale: number;
}

export function createPlaceCall({ truedy, server, mayDial, timeScale }: PlaceDependencies) {
  const ask = createSendQuestions(server, timeScale);

  /**
   * Sends the one request that rings, or nothing. Temporal never repeats it (`maximumAttempts: 1`), and
   * it is not aborted by a cancellation: once it is sent, its answer is what matters.
   */
  return async function placeCall(
    request: FrozenRequest,
    conditions: DialConditions,
  ): Promise<Placed> {
    const enteredMs = performance.now();
    const objection =
      (await ask.ofHistory(request)) ?? objectionOfScale(conditions.timeScale, timeScale);
    if (objection !== undefined) return objection;
    const handed = await ask.whenHanded();
    if (typeof handed !== 'number') return handed;
    const now = serverClockFrom(handed, enteredMs);
    return (
      objectionOfTime(conditions, spanOf(now())) ??
      (await objectionOfDeployment(request, conditions, now)) ??
      send(request, conditions, now)
    );
  };

  async function objectionOfDeployment(
    request: FrozenRequest,
    { labels, attempt }: DialConditions,
    now: ServerClock,
  ): Promise<Placed | undefined> {
    const { reference, phoneNumber } = request;
    try {
      const dial = { reference, phoneNumber, labels, attempt };
      const answer = await within(DIAL_CHECK_LIMIT_MS, mayDial(dial));
      if (answer === 'yes') return undefined;
      if ('no' in answer) return { kind: 'withheld', outcome: 'suppressed', reason: answer.no };
      const untilMs = instantMs(answer.notBefore);
      if (untilMs === undefined) return later('the dial check named no instant that can be read');
      // An instant that has passed is no time to wait for: the dial check is asked again after a back-off.
      const reason = 'the dial check says not yet';
      return untilMs > now() ? { ...later(reason), untilMs } : later(reason);
    } catch (error) {
      return later(`the dial check gave no answer: ${nameOf(error)}`);
    }
  }

  async function send(
    request: FrozenRequest,
    conditions: DialConditions,
    now: ServerClock,
  ): Promise<Placed> {
    let objection: Placed | undefined;
    let sentAtMs = now();
    // The last question, with the connection established: a process may have been frozen at any point before.
    const isStillWanted = async () => {
      const handed = await ask.whenHanded();
      sentAtMs = now();
      objection =
        typeof handed === 'number' ? objectionOfTime(conditions, spanOf(sentAtMs)) : handed;
      return objection === undefined;
    };
    try {
      const call = await truedy.placeCall(request, sendLimits(timeScale).replyMs, isStillWanted);
      const proof = provesAnswer({
        number: matchNumber(call.phoneNumber, request.phoneNumber),
        reference: matchReference(call.reference, request.reference),
      });
      if (proof === 'nothing') {
        return unclear('POST /calls answered with another call', sentAtMs);
      }
      return {
        kind: 'placed',
        callId: call.callId,
        saysFailed: call.record.status === 'failed',
        sentAtMs,
      };
    } catch (error) {
      if (objection !== undefined) return objection;
      const proof = whatItProves(error, { sentAtMs, nowMs: now() });
      const { attempt } = request;
      log.info('placeCall got no call id', { attempt, kind: proof.kind, why: nameOf(error) });
      return proof;
    }
  }
}

/** A worker of another scale speaks with another Truedy; one of the right scale may take the same bytes. */
function objectionOfScale(asked: number, own: number): Placed | undefined {
  return asked === own ? undefined : later(otherScale(asked, own));
}

/** The server's time lies between these two instants, in milliseconds since 1970. */
export interface TimeSpan {
  readonly earliestMs: number;
  readonly latestMs: number;
}

/**
 * The conditions of our own side that a clock can answer; `undefined` where none objects. What begins is compared
 * with the earliest time it can be, what ends with the latest: neither is passed on a busy machine.
 *
 * @param now By the server's clock, as are the conditions.
 */
export function objectionOfTime(conditions: DialConditions, now: TimeSpan): Placed | undefined {
  const { window, notBeforeMs = 0, expiresAtMs = Infinity } = conditions;
  const openMs = openingMs(window, notBeforeMs, now);
  if (Math.max(openMs, now.latestMs) >= expiresAtMs) {
    return {
      kind: 'withheld',
      outcome: 'expired',
      reason: now.latestMs >= expiresAtMs ? 'expiresAt has passed' : 'expiresAt comes first',
    };
  }
  if (openMs <= now.earliestMs) return undefined;
  const isClosed = window !== undefined && !isOpenAt(window, now);
  return { ...later(isClosed ? 'outside the window' : 'before notBefore'), untilMs: openMs };
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

/**
 * What the end of a request proves. Whatever proves nothing is unclear.
 *
 * @param at Both by the server's clock.
 */
export function whatItProves(
  error: unknown,
  at: { readonly sentAtMs: number; readonly nowMs: number },
): Placed {
  if (error instanceof TruedyNetworkError && !error.mayBeSent) {
    return { kind: 'deferred', cause: 'truedy_unreachable', reason: error.message };
  }
  const latestSendMs = at.sentAtMs;
  if (!(error instanceof TruedyResponseError)) return unclear(nameOf(error), latestSendMs);
  const { status, code, requestId, retryAtMs } = error;
  if (status === 429) {
    return {
      kind: 'deferred',
      cause: 'rate_limited',
      reason: error.message,
      // Told by this machine's clock, and waited for by the server's.
      ...(retryAtMs !== undefined && { untilMs: at.nowMs + askedToWaitMs(error, Date.now()) }),
    };
  }
  const byStatus = REFUSALS.get(status);
  if (byStatus === undefined || (status === 404 && error.namesCall)) {
    return unclear(error.message, latestSendMs);
  }
  return {
    kind: 'refused',
    type: typeOfRefusal(status, code, byStatus),
    status,
    ...(requestId !== undefined && { requestId }),
  };
}

// --- internal ---

/** Our lower bound of the server's clock stands still while a busy machine holds the request; its own does not. */
function spanOf(earliestMs: number): TimeSpan {
  return { earliestMs, latestMs: Math.max(earliestMs, Date.now()) };
}

function openingMs(window: CallWindow | undefined, notBeforeMs: number, now: TimeSpan): number {
  const earliestMs = Math.max(now.earliestMs, notBeforeMs);
  if (window === undefined) return earliestMs;
  const openMs = nextOpeningMs(window, earliestMs);
  const hasClosed = openMs <= now.earliestMs && !isOpen(window, now.latestMs);
  return hasClosed ? nextOpeningMs(window, now.latestMs) : openMs;
}

function isOpenAt(window: CallWindow, { earliestMs, latestMs }: TimeSpan): boolean {
  return isOpen(window, earliestMs) && isOpen(window, latestMs);
}

function typeOfRefusal(
  status: number,
  code: string | undefined,
  byStatus: FailureType,
): FailureType {
  const isCoded = status === 404 || status === 422;
  if (!isCoded || code === undefined) return byStatus;
  return CODES.get(code) ?? 'refused';
}

function unclear(reason: string, latestSendMs: number): Placed {
  return { kind: 'unclear', reason, latestSendMs };
}
