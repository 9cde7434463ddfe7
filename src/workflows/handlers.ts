import {
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { instantMs } from '../call/text/instant';
import type { Reschedule, Resolution, Step } from '../call/api-types';
import { isObject } from '../call/objects';
import { isUnreadable } from '../call/unreadable';
import type { OpenConversation } from './call-state';
import { callEvent, getCall, redialNow, reschedule, resolve, stop } from './messages';

/** Sets every handler. Handlers only record; the main loop acts, and its word is the answer. */
export function listen(talk: OpenConversation): void {
  setHandler(callEvent, (event) => talk.receive(event), {
    description: 'News of the call, sent by the webhook bridge.',
  });
  setDefaultSignalHandler((name) =>
    log.warn('A signal of an unknown name is ignored', { signal: name }),
  );
  setHandler(getCall, () => talk.view(), {
    description: 'Where the call stands, why, until when, and what can be done.',
  });
  setHandler(redialNow, () => wake(talk, { notBeforeMs: undefined }), {
    validator: (...input: readonly unknown[]) => {
      refuseUnless(talk, 'redialNow');
      refuseUnreadable(...input);
    },
    description:
      'Ends the present wait; calling hours, expiry and the dial check still apply. No input: []',
  });
  setHandler(reschedule, (to) => wake(talk, toLimits(to)), {
    validator: (to) => {
      refuseUnless(talk, 'reschedule');
      checkReschedule(talk, to);
    },
    description:
      'Moves the present wait. Example: {"notBefore":"2026-12-01T09:00:00-05:00","expiresAt":"2026-12-05T18:00:00-05:00"}',
  });
  setHandler(stop, () => stopTalking(talk), {
    validator: (why) => {
      refuseUnless(talk, 'stop');
      checkStop(why);
    },
    description:
      'No further attempt: a queued dial is withdrawn, a live call runs to its end. Example: {"reason":"paid already"}',
  });
  setHandler(resolve, (said) => settleBy(talk, said), {
    validator: (said) => {
      refuseUnless(talk, 'resolve');
      checkResolution(said);
    },
    description:
      'Says what became of an unclear call. Example: {"dialled":true,"callId":"call_01h"} or {"dialled":false,"reason":"not in the call log"}',
  });
}

// --- internal ---

async function wake(talk: OpenConversation, limits: Partial<OpenConversation['limits']>) {
  Object.assign(talk.limits, limits);
  talk.wishes.wakes += 1;
  // The answer says when it goes on, which only the main loop can find out.
  await answered(() => condition(() => talk.isAwake || talk.phase === 'ended'));
  return talk.view();
}

function stopTalking(talk: OpenConversation) {
  talk.wishes.stopped = true;
  // The reason is a person's own words, which stay in history.
  log.info('No further attempt is wanted', { attempt: talk.attempt.number });
  talk.show();
  return talk.view();
}

async function settleBy(talk: OpenConversation, said: Resolution) {
  // Validated in phase `unclear`, in which the inbox is open.
  const { inbox } = talk.wishes;
  if (inbox !== undefined) await answered(() => inbox.ask(said));
  return talk.view();
}

/** A canceled run continues to its end, and so do the waits of its pending update handlers. */
function answered(wait: () => Promise<void>): Promise<void> {
  return CancellationScope.nonCancellable(wait);
}

function toLimits({ notBefore, expiresAt }: Reschedule): Partial<OpenConversation['limits']> {
  return {
    ...(notBefore !== undefined && { notBeforeMs: instantMs(notBefore) }),
    ...(expiresAt !== undefined && { expiresAtMs: instantMs(expiresAt) }),
  };
}

function refuseUnless(talk: OpenConversation, step: Step): void {
  const can = talk.can();
  if (can.includes(step)) return;
  const offer = can.length === 0 ? 'nothing can be done any more' : `you can: ${can.join(', ')}`;
  const what = `NotNow: ${step} is not possible in phase ${talk.phase}; ${offer}`;
  throw ApplicationFailure.nonRetryable(what, 'NotNow');
}

function checkReschedule(talk: OpenConversation, to: unknown): void {
  refuseUnreadable(to);
  const given: Readonly<Record<string, unknown>> = isObject(to) ? to : {};
  const faults = Object.entries(given).flatMap(([name, value]) => {
    if (name !== 'notBefore' && name !== 'expiresAt') return [`${name} is not a field`];
    const isInstant = typeof value === 'string' && instantMs(value) !== undefined;
    return isInstant ? [] : [`${name} is not ISO 8601 with an offset`];
  });
  if (Object.keys(given).length === 0) faults.push('neither notBefore nor expiresAt is given');
  if (faults.length === 0) {
    const limits = { ...talk.limits, ...toLimits(given) };
    if ((limits.notBeforeMs ?? 0) >= (limits.expiresAtMs ?? Infinity)) {
      faults.push('expiresAt is not after notBefore');
    }
  }
  refuse(faults);
}

const CALL_ID = /^[A-Za-z0-9_-]{1,128}$/;

function checkStop(why: unknown): void {
  refuseUnreadable(why);
  if (why == null) return;
  if (!isObject(why)) return refuse(['the input is not an object']);
  refuse(Object.keys(why).flatMap((name) => (name === 'reason' ? [] : [`${name} is not a field`])));
}

function checkResolution(said: unknown): void {
  refuseUnreadable(said);
  const given: Readonly<Record<string, unknown>> = isObject(said) ? said : {};
  const faults = Object.keys(given)
    .filter((name) => !['dialled', 'callId', 'reason'].includes(name))
    .map((name) => `${name} is not a field`);
  const { dialled, callId, reason } = given;
  if (typeof dialled !== 'boolean') faults.push('dialled is neither true nor false');
  if (dialled === true && !(typeof callId === 'string' && CALL_ID.test(callId))) {
    faults.push('callId is not the id of a call');
  }
  if (dialled === false && callId !== undefined) faults.push('callId goes with dialled: true');
  if (reason !== undefined && typeof reason !== 'string') faults.push('reason is not text');
  refuse(faults);
}

function refuseUnreadable(...input: readonly unknown[]): void {
  if (input.some(isUnreadable)) refuse(['the input cannot be decoded; it has to be JSON']);
}

function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw ApplicationFailure.nonRetryable(`InvalidInput: ${faults.join('; ')}`, 'InvalidInput');
}
