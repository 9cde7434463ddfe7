import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { tsToMs } from '@temporalio/common/lib/time';
import type { CallEvent } from '../../call/api-types';
import { callEvent } from '../../workflows/messages';

const POLL_EVERY_MS = 100;
const WEBHOOK_TEXTS: Readonly<Record<string, string>> = {
  'call.started': 'Webhook call.started: the phone is ringing',
  'call.joined': 'Webhook call.joined: the call was answered',
  'call.ended': 'Webhook call.ended: the call has ended',
};
const PHASES: Readonly<Record<string, string>> = {
  'call.started': 'ringing',
  'call.joined': 'in_progress',
};

/** One step of a call, read from its history. */
export interface Step {
  readonly what: string;
  readonly text: string;
  /** Milliseconds since 1970, by the server's clock. */
  readonly atMs: number;
}

type HistoryEvent = NonNullable<
  Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']
>[number];

/**
 * Yields each step of a run once, until the run has closed.
 *
 * Reads the history rather than polling the current phase: a slow machine could miss a phase.
 */
export async function* stepsOf(handle: WorkflowHandle): AsyncGenerator<Step> {
  const placing = new Set<string>();
  for (let seen = 0; ; await sleep(POLL_EVERY_MS)) {
    const { events = [] } = await handle.fetchHistory();
    for (const event of (events ?? []).slice(seen)) {
      const step = stepOf(event, placing);
      if (step !== undefined) yield { ...step, atMs: tsToMs(event.eventTime) };
      if (isClosing(event)) return;
    }
    seen = events?.length ?? 0;
  }
}

// --- internal ---

/** @param placing The ids of the events that scheduled a `placeCall` activity. */
function stepOf(event: HistoryEvent, placing: Set<string>): Omit<Step, 'atMs'> | undefined {
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled) {
    const isDial = scheduled.activityType?.name === 'placeCall';
    if (isDial) placing.add(String(event.eventId));
    return { what: isDial ? 'placing' : 'reading', text: summaryOf(event) };
  }
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed && placing.has(String(completed.scheduledEventId))) {
    return { what: 'queued', text: 'Truedy accepted the call and queued it' };
  }
  const signal = event.workflowExecutionSignaledEventAttributes;
  const [payload] = signal?.input?.payloads ?? [];
  if (signal?.signalName === callEvent.name && payload) {
    const { event: name } = defaultPayloadConverter.fromPayload<CallEvent>(payload);
    return { what: PHASES[name] ?? 'webhook', text: WEBHOOK_TEXTS[name] ?? `Webhook ${name}` };
  }
  return event.timerStartedEventAttributes
    ? { what: 'waiting', text: summaryOf(event) }
    : undefined;
}

function summaryOf({ userMetadata }: HistoryEvent): string {
  const summary = userMetadata?.summary;
  return summary ? defaultPayloadConverter.fromPayload<string>(summary) : '';
}

function isClosing(event: HistoryEvent): boolean {
  return Boolean(
    event.workflowExecutionCompletedEventAttributes ??
    event.workflowExecutionFailedEventAttributes ??
    event.workflowExecutionCanceledEventAttributes ??
    event.workflowExecutionTerminatedEventAttributes ??
    event.workflowExecutionTimedOutEventAttributes,
  );
}
