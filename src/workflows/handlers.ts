import {
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { isCallId } from '../call/call-record';
import { instantMs } from '../call/text/instant';
import type { Reschedule, Resolution } from '../call/api-types';
import { isObject, isUnreadable } from '../call/untrusted-values';
import type { UpdateName } from '../call/phase';
import type { CallState } from './call-state';
import type { Limits } from './carried-state';
import { callEvent, contactFree, getCall, redialNow, reschedule, resolve, stop } from './messages';
import { viewOf } from './projection';

/** Sets every handler. Handlers only record; updates return once the main loop has acted on them. */
export function setHandlers(call: CallState): void {
  setHandler(callEvent, (event) => call.receiveEvent(event), {
    description: 'A webhook event of the call, sent by the bridge.',
  });
  setHandler(contactFree, () => call.contact.markFree(), {
    description: 'Another call to the same person ended.',
  });
  setDefaultSignalHandler((name) => log.warn('Ignored an unknown signal', { signal: name }));
  setHandler(getCall, () => viewOf(call), {
    description:
      'The phase of the call, its reason, when it changes by itself, and the updates that are allowed.',
  });
  setHandler(redialNow, () => wake(call, { notBeforeMs: undefined }), {
    validator: (...input: readonly unknown[]) => {
      requireAllowed(call, 'redialNow');
      requireReadable(...input);
    },
    description:
      'Ends the current wait; calling hours, expiry and the dial check still apply. No input: []',
  });
  setHandler(reschedule, (to) => wake(call, toLimits(to)), {
    validator: (to) => {
      requireAllowed(call, 'reschedule');
      checkReschedule(call, to);
    },
    description:
      'Moves the current wait. Example: {"notBefore":"2026-12-01T09:00:00-05:00","expiresAt":"2026-12-05T18:00:00-05:00"}',
  });
  setHandler(stop, () => stopCall(call), {
    validator: (input) => {
      requireAllowed(call, 'stop');
      checkStop(input);
    },
    description:
      'Prevents further attempts: a queued dial is withdrawn, a live call runs to completion. Example: {"reason":"paid already"}',
  });
  setHandler(resolve, (resolution) => resolveAttempt(call, resolution), {
    validator: (resolution) => {
      requireAllowed(call, 'resolve');
      checkResolution(resolution);
    },
    description:
      'Reports whether an unclear attempt was dialed. Example: {"dialled":true,"callId":"call_01h"} or {"dialled":false,"reason":"not in the call log"}',
  });
}

// --- internal ---

async function wake(call: CallState, limits: Limits) {
  call.requestWakeup(limits);
  // The view contains the time of the next try, which only the main loop can determine.
  await untilHandled(() => condition(() => call.hasHandledWakeups || call.phase === 'ended'));
  return viewOf(call);
}

function stopCall(call: CallState) {
  call.requestStop();
  return viewOf(call);
}

async function resolveAttempt(call: CallState, resolution: Resolution) {
  // The validator has checked that the phase is `unclear`, in which the inbox is open.
  const { inbox } = call;
  if (inbox !== undefined) await untilHandled(() => inbox.submit(resolution));
  return viewOf(call);
}

/** Waits for the main loop, even if the run is canceled: a canceled run continues to its end. */
function untilHandled(wait: () => Promise<void>): Promise<void> {
  return CancellationScope.nonCancellable(wait);
}

function toLimits({ notBefore, expiresAt }: Reschedule): Limits {
  return {
    ...(notBefore !== undefined && { notBeforeMs: instantMs(notBefore) }),
    ...(expiresAt !== undefined && { expiresAtMs: instantMs(expiresAt) }),
  };
}

function requireAllowed({ allowedUpdates, phase }: CallState, update: UpdateName): void {
  if (allowedUpdates.includes(update)) return;
  const hint =
    allowedUpdates.length === 0 ? 'the call is closed' : `allowed: ${allowedUpdates.join(', ')}`;
  const message = `NotNow: \`${update}\` is not allowed in phase \`${phase}\`; ${hint}`;
  throw ApplicationFailure.nonRetryable(message, 'NotNow');
}

function checkReschedule(call: CallState, input: unknown): void {
  requireReadable(input);
  const fields: Readonly<Record<string, unknown>> = isObject(input) ? input : {};
  const problems = Object.entries(fields).flatMap(([name, value]) => {
    if (name !== 'notBefore' && name !== 'expiresAt') return [`${name} is not a known field`];
    const isInstant = typeof value === 'string' && instantMs(value) !== undefined;
    return isInstant ? [] : [`${name} is not ISO 8601 with an offset`];
  });
  if (Object.keys(fields).length === 0) problems.push('both notBefore and expiresAt are missing');
  if (problems.length === 0) {
    const limits = { ...call.limits, ...toLimits(fields) };
    if ((limits.notBeforeMs ?? 0) >= (limits.expiresAtMs ?? Infinity)) {
      problems.push('expiresAt is not after notBefore');
    }
  }
  reject(problems);
}

function checkStop(input: unknown): void {
  requireReadable(input);
  if (input == null) return;
  if (!isObject(input)) return reject(['the input is not an object']);
  reject(unknownFields(input, ['reason']));
}

function checkResolution(input: unknown): void {
  requireReadable(input);
  const fields: Readonly<Record<string, unknown>> = isObject(input) ? input : {};
  const problems = unknownFields(fields, ['dialled', 'callId', 'reason']);
  const { dialled, callId, reason } = fields;
  if (typeof dialled !== 'boolean') problems.push('dialled is not a boolean');
  if (dialled === true && !isCallId(callId)) {
    problems.push('callId is not a valid call id');
  }
  if (dialled === false && callId !== undefined) {
    problems.push('callId is only allowed with dialled: true');
  }
  if (reason !== undefined && typeof reason !== 'string') problems.push('reason is not a string');
  reject(problems);
}

function unknownFields(input: object, known: readonly string[]): string[] {
  const unknown = Object.keys(input).filter((name) => !known.includes(name));
  return unknown.map((name) => `${name} is not a known field`);
}

function requireReadable(...input: readonly unknown[]): void {
  if (input.some(isUnreadable)) reject(['the input could not be decoded; send JSON']);
}

function reject(problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw ApplicationFailure.nonRetryable(`InvalidInput: ${problems.join('; ')}`, 'InvalidInput');
}
