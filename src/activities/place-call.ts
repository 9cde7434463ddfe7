import { log } from '@temporalio/activity';
import type { DialConditions, FrozenRequest } from '../call/dial-request';
import type { FailureType, Placed } from '../call/placement';
import { matchNumber, matchReference, provesAnswer } from '../call/evidence';
import { instantMs } from '../call/text/instant';
import { sendLimits } from '../call/timing';
import type { TruedyClient } from '../truedy/client';
import type { TruedyCall } from '../truedy/truedy-call';
import { TruedyNetworkError, TruedyResponseError } from '../truedy/errors';
import { withTimeout } from '../runtime/timeout';
import { createContactQuestion, type ContactQuestion, type Contacts } from './contact-question';
import { askedToWaitMs, nameOf, otherScaleMessage } from './retry-failures';
import { createSendQuestions, defer } from './send-questions';
import {
  QUESTION_LIMIT_MS,
  serverClockFrom,
  startStopwatch,
  type ServerClock,
  type ServerQuestions,
} from './server-questions';
import { objectionOfTime, spanOf, type TimeSpan } from './objection-of-time';

const DIAL_CHECK_LIMIT_MS = 5_000;

/** Lets the deployment allow, reject or postpone a dial, just before it happens. `notBefore` is ISO 8601. */
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
  /** Divides every wait. It must match the Truedy server the worker uses: always 1 in production. */
  readonly timeScale: number;
  /** Absent without a contact policy. */
  readonly contacts?: Contacts | undefined;
}

export function createPlaceCall(dependencies: PlaceDependencies) {
  const { truedy, server, mayDial, timeScale, contacts } = dependencies;
  const ask = createSendQuestions(server, timeScale);
  const askContact = createContactQuestion(contacts, timeScale);

  /**
   * Sends the request that dials, at most once. Temporal never retries it (`maximumAttempts: 1`). Cancellation does
   * not abort it, because its answer is needed once it is sent.
   */
  return async function placeCall(
    request: FrozenRequest,
    conditions: DialConditions,
  ): Promise<Placed> {
    const enteredMs = performance.now();
    const objection =
      (await ask.earlierSend(request)) ?? objectionOfScale(conditions.timeScale, timeScale);
    if (objection !== undefined) return objection;
    const handover = await ask.handover();
    if (typeof handover !== 'number') return handover;
    const now = serverClockFrom(handover, enteredMs);
    const denied =
      objectionOfTime(conditions, spanOf(now())) ??
      (await objectionOfDeployment(mayDial, request, conditions, now));
    if (denied !== undefined) return denied;
    const contact = askContact(request, conditions, { handoverMs: handover, now });
    const placed = await send(request, conditions, { now, contact });
    await contact.giveBack(placed);
    return placed;
  };

  async function send(
    request: FrozenRequest,
    conditions: DialConditions,
    { now, contact }: { readonly now: ServerClock; readonly contact: ContactQuestion },
  ): Promise<Placed> {
    const last = createLastChecks(ask, conditions, { now, contact });
    try {
      const { replyMs } = sendLimits(timeScale);
      const call = await truedy.placeCall(request, replyMs, last.isStillWanted, last.isInTime);
      return placedFromAnswer(call, request, last.sent());
    } catch (error) {
      const objection = last.objection();
      if (objection !== undefined) return objection;
      const proof = placedFromError(error, { sent: last.sent(), nowMs: now() });
      const { attempt } = request;
      log.info('placeCall returned no call id', { attempt, kind: proof.kind, why: nameOf(error) });
      return proof;
    }
  }
}

/** The checks of one request on the established connection, because the process may have been frozen at any point. */
function createLastChecks(
  ask: ReturnType<typeof createSendQuestions>,
  conditions: DialConditions,
  { now, contact }: { readonly now: ServerClock; readonly contact: ContactQuestion },
) {
  let objection: Placed | undefined;
  let sent = spanOf(now());
  let sinceQuestionMs = startStopwatch();
  return {
    /** Why nothing was sent. */
    objection: () => objection,
    /** When the request was sent. */
    sent: () => sent,

    async isStillWanted(): Promise<boolean> {
      objection = await contact.ask();
      if (objection !== undefined) return false;
      sinceQuestionMs = startStopwatch();
      const handover = await ask.handover();
      sent = spanOf(now());
      objection = typeof handover === 'number' ? objectionOfTime(conditions, sent) : handover;
      return objection === undefined;
    },

    /** Frozen after the answer, the process would send what Temporal has given up. Only its clocks can still show that. */
    isInTime(): boolean {
      if (sinceQuestionMs() > QUESTION_LIMIT_MS) {
        objection = defer('this process was frozen just before it sent the request');
        return false;
      }
      sent = spanOf(now());
      return true;
    },
  };
}

function placedFromAnswer(call: TruedyCall, request: FrozenRequest, sent: TimeSpan): Placed {
  const proof = provesAnswer({
    number: matchNumber(call.phoneNumber, request.phoneNumber),
    reference: matchReference(call.reference, request.reference),
  });
  if (proof === 'nothing') return unclear('POST /calls returned a different call', sent);
  const saysFailed = call.record.status === 'failed';
  // A failure is believed once the request has settled, for which the latest instant counts.
  const sentAtMs = saysFailed ? sent.latestMs : sent.earliestMs;
  return { kind: 'placed', callId: call.callId, saysFailed, sentAtMs };
}

async function objectionOfDeployment(
  mayDial: MayDial,
  request: FrozenRequest,
  { labels, attempt }: DialConditions,
  now: ServerClock,
): Promise<Placed | undefined> {
  const { reference, phoneNumber } = request;
  try {
    const dial = { reference, phoneNumber, labels, attempt };
    const answer = await withTimeout(DIAL_CHECK_LIMIT_MS, mayDial(dial));
    if (answer === 'yes') return undefined;
    if ('no' in answer) return { kind: 'withheld', outcome: 'suppressed', reason: answer.no };
    const untilMs = instantMs(answer.notBefore);
    if (untilMs === undefined) return defer('the dial check returned an invalid notBefore');
    // An instant in the past cannot be waited for. The dial check is called again after a backoff.
    const reason = 'the dial check asked to wait';
    return untilMs > now() ? { ...defer(reason), untilMs } : defer(reason);
  } catch (error) {
    return defer(`the dial check failed: ${nameOf(error)}`);
  }
}

/** Leaves the request to a worker with the right time scale: this one's is for another Truedy server. */
function objectionOfScale(asked: number, own: number): Placed | undefined {
  return asked === own ? undefined : defer(otherScaleMessage(asked, own));
}

// Statuses that prove that no phone rang, even if a proxy sent them. 429 proves it too, but the request may be resent.
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

// Truedy's error codes, and their equivalents in its other response formats.
const CODES: ReadonlyMap<string, FailureType> = new Map<string, FailureType>([
  ['agent_not_found', 'agent_not_found'],
  ['not_found', 'agent_not_found'],
  ['no_phone_number_configured', 'no_phone_number_configured'],
  ['invalid_phone_number', 'invalid_phone_number'],
  ['agent_not_active', 'agent_not_active'],
  ['validation_error', 'validation_error'],
]);

/**
 * What a failed request proves about the dial. Errors that prove nothing are `unclear`.
 *
 * @param at Both by the server's clock.
 */
export function placedFromError(
  error: unknown,
  at: { readonly sent: TimeSpan; readonly nowMs: number },
): Placed {
  if (error instanceof TruedyNetworkError && !error.mayBeSent) {
    return { kind: 'deferred', cause: 'truedy_unreachable', reason: error.message };
  }
  if (!(error instanceof TruedyResponseError)) return unclear(nameOf(error), at.sent);
  const { status, code, requestId, retryAtMs } = error;
  if (status === 429) {
    return {
      kind: 'deferred',
      cause: 'rate_limited',
      reason: error.message,
      // Converts from this machine's clock to the server's.
      ...(retryAtMs !== undefined && { untilMs: at.nowMs + askedToWaitMs(error, Date.now()) }),
    };
  }
  const byStatus = REFUSALS.get(status);
  if (byStatus === undefined || (status === 404 && error.namesCall)) {
    return unclear(error.message, at.sent);
  }
  return {
    kind: 'refused',
    type: failureTypeOf(status, code, byStatus),
    status,
    ...(requestId !== undefined && { requestId }),
  };
}

// --- internal ---

function failureTypeOf(
  status: number,
  code: string | undefined,
  byStatus: FailureType,
): FailureType {
  const isCoded = status === 404 || status === 422;
  if (!isCoded || code === undefined) return byStatus;
  return CODES.get(code) ?? 'refused';
}

function unclear(reason: string, { earliestMs, latestMs }: TimeSpan): Placed {
  return { kind: 'unclear', reason, latestSendMs: latestMs, earliestSendMs: earliestMs };
}
