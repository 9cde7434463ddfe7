import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';
import type { ActivityFact, FindFact, HistoryFacts } from './facts';

type Event = temporal.api.history.v1.IHistoryEvent;
const { WorkflowTaskFailedCause } = temporal.api.enums.v1;

/** Failures of a workflow task that are not errors of the workflow code. */
const HARMLESS: ReadonlySet<unknown> = new Set([
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
  WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FAILOVER_CLOSE_COMMAND,
]);

/** The requests of one run as recorded in its history. The history itself is not kept. */
export async function historyFacts(handle: WorkflowHandle): Promise<HistoryFacts> {
  const events = (await handle.fetchHistory()).events ?? [];
  const closes = new Map<string, Event>();
  const dispatches = new Map<string, number>();
  for (const event of events) {
    const id = closedBy(event);
    if (id !== undefined) closes.set(String(id), event);
    const { scheduledEventId, attempt } = event.activityTaskStartedEventAttributes ?? {};
    dispatches.set(String(scheduledEventId), attempt ?? 1);
  }
  const startedMs = events[0] === undefined ? 0 : msOf(events[0]);
  const of = (type: string) =>
    events
      .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === type)
      .map((event) => {
        const id = String(event.eventId);
        return { id, ...toFact(event, closes.get(id)), dispatch: dispatches.get(id) ?? 1 };
      });
  return {
    places: of('placeCall'),
    finds: of('findCall').map((fact) => ({ ...fact, ...pageOf(closes.get(fact.id), startedMs) })),
    reads: of('readCall'),
    taskFailures: events.flatMap((event) => {
      const { workflowTaskFailedEventAttributes: failed } = event;
      if (!failed || HARMLESS.has(failed.cause)) return [];
      return [{ message: failed.failure?.message ?? 'without a reason', atMs: msOf(event) }];
    }),
  };
}

/** What the judge may use of a second run of the id: it can show what the run before it never saw. */
export function withSecondRun(judged: HistoryFacts, second: HistoryFacts): HistoryFacts {
  return {
    ...judged,
    places: [...judged.places, ...second.places],
    taskFailures: [...judged.taskFailures, ...second.taskFailures],
  };
}

/** What an open run waits for, and where its history was written. `undefined` if it has closed. */
export async function whyOpen(handle: WorkflowHandle): Promise<string | undefined> {
  const { status, raw } = await handle.describe();
  if (status.name !== 'RUNNING') return undefined;
  const history = await handle.fetchHistory();
  const file = join(await mkdtemp(join(tmpdir(), 'chaos-stuck-')), 'history.json');
  await writeFile(file, JSON.stringify(historyToJSON(history)));
  const last = (history.events ?? []).slice(-5).map((event) => {
    const type = temporal.api.enums.v1.EventType[event.eventType ?? 0]?.replace('EVENT_TYPE_', '');
    return `${String(event.eventId)} ${type} ${new Date(msOf(event)).toISOString()}`;
  });
  const { pendingActivities, pendingWorkflowTask } = raw;
  return JSON.stringify({ last, pendingWorkflowTask, pendingActivities, history: file });
}

/** The points a run can be reset to: the ends of its workflow tasks. */
export async function resetPoints(handle: WorkflowHandle): Promise<readonly number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes)
    .map(({ eventId }) => Number(eventId));
}

// --- internal ---

function toFact(event: Event, close: Event | undefined): Omit<ActivityFact, 'dispatch'> {
  const payload = event.activityTaskScheduledEventAttributes?.input?.payloads?.[0]?.data;
  const { reference, callId = '' } = payload
    ? (JSON.parse(Buffer.from(payload).toString()) as { reference?: string; callId?: string })
    : {};
  return {
    reference: reference ?? callId,
    scheduledMs: msOf(event),
    ...(close && { closedMs: msOf(close) }),
    how: howOf(close),
  };
}

/** A row that is this much older than the run ends a listing, as docs/unknown.md says. */
const OLD_ROW_MS = 10 * 60_000;

/** What a page showed. */
function pageOf(close: Event | undefined, startedMs: number): Pick<FindFact, 'matches' | 'isLast'> {
  const data = close?.activityTaskCompletedEventAttributes?.result?.payloads?.[0]?.data;
  if (data == null) return { matches: 0, isLast: false };
  const page = JSON.parse(Buffer.from(data).toString()) as {
    rows: number;
    matches: unknown[];
    oldestMs: number | null;
  };
  const isOld = page.oldestMs !== null && page.oldestMs < startedMs - OLD_ROW_MS;
  return { matches: page.matches.length, isLast: page.rows === 0 || isOld };
}

function closedBy(event: Event) {
  const closed =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  return closed?.scheduledEventId;
}

function howOf(close: Event | undefined): ActivityFact['how'] {
  if (close === undefined) return 'open';
  if (close.activityTaskCompletedEventAttributes) return 'completed';
  if (close.activityTaskTimedOutEventAttributes) return 'timed_out';
  return close.activityTaskCanceledEventAttributes ? 'canceled' : 'failed';
}

function msOf({ eventTime }: Event): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}
