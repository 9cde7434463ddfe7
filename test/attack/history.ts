import { temporal } from '@temporalio/proto';

type Event = temporal.api.history.v1.IHistoryEvent;

/** One run as recorded in its history, with the events that the workflow had seen when it decided to dial. */
export interface RunRecord {
  readonly runId: string;
  /** Decisions to dial, in order. `knownUpTo` is the id of the last event before the decision. */
  readonly dials: readonly { readonly attempt: number; readonly knownUpTo: number }[];
  readonly signals: readonly { readonly deliveryId: string | null; readonly eventId: number }[];
  /** Accepted updates. */
  readonly updates: readonly {
    readonly name: string;
    readonly eventId: number;
    readonly isAnswered: boolean;
  }[];
  readonly cancelEventId: number | null;
  /** Completed reads of a call. */
  readonly reads: readonly { readonly callId: string; readonly eventId: number }[];
  /** Failed workflow tasks, other than resets and races with a new event. */
  readonly brokenTasks: readonly string[];
}

const { WorkflowTaskFailedCause: Cause } = temporal.api.enums.v1;
const HARMLESS: ReadonlySet<unknown> = new Set([
  Cause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
  Cause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
]);

export function readRun(runId: string, events: readonly Event[]): RunRecord {
  const idsWith = (attributesOf: (event: Event) => unknown) =>
    events.filter((event) => attributesOf(event) != null).map(idOf);
  const startedBy = new Map(
    events.flatMap((event) => {
      const task = event.workflowTaskCompletedEventAttributes;
      return task ? [[idOf(event), Number(task.startedEventId)]] : [];
    }),
  );
  const scheduled = new Map(
    events.flatMap((event) => {
      const activity = event.activityTaskScheduledEventAttributes;
      return activity ? [[idOf(event), activity]] : [];
    }),
  );
  return {
    runId,
    dials: [...scheduled.values()].flatMap((activity) => {
      if (activity.activityType?.name !== 'placeCall') return [];
      const request = decode(activity.input?.payloads?.[0]);
      const task = Number(activity.workflowTaskCompletedEventId);
      return [{ attempt: Number(request['attempt']), knownUpTo: startedBy.get(task) ?? 0 }];
    }),
    signals: events.flatMap((event) => {
      const signal = event.workflowExecutionSignaledEventAttributes;
      if (signal?.signalName !== 'callEvent') return [];
      const { deliveryId } = decode(signal.input?.payloads?.[0]);
      return [
        { deliveryId: typeof deliveryId === 'string' ? deliveryId : null, eventId: idOf(event) },
      ];
    }),
    updates: events.flatMap((event) => {
      const accepted = event.workflowExecutionUpdateAcceptedEventAttributes;
      if (!accepted) return [];
      const isAnswered = events.some((other) => {
        const completed = other.workflowExecutionUpdateCompletedEventAttributes;
        return (
          completed?.acceptedEventId != null && Number(completed.acceptedEventId) === idOf(event)
        );
      });
      return [
        { name: accepted.acceptedRequest?.input?.name ?? '', eventId: idOf(event), isAnswered },
      ];
    }),
    cancelEventId:
      idsWith((event) => event.workflowExecutionCancelRequestedEventAttributes)[0] ?? null,
    reads: events.flatMap((event) => {
      const completed = event.activityTaskCompletedEventAttributes;
      const activity = scheduled.get(Number(completed?.scheduledEventId));
      if (activity?.activityType?.name !== 'readCall') return [];
      const { callId } = decode(activity.input?.payloads?.[0]);
      return [{ callId: String(callId), eventId: idOf(event) }];
    }),
    brokenTasks: events.flatMap((event) => {
      const failed = event.workflowTaskFailedEventAttributes;
      if (!failed || HARMLESS.has(failed.cause)) return [];
      return [failed.failure?.message ?? 'a workflow task failed'];
    }),
  };
}

// --- internal ---

function idOf({ eventId }: Event): number {
  return Number(eventId);
}

function decode(payload: temporal.api.common.v1.IPayload | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from(payload?.data ?? '').toString() || '{}') as Record<string, unknown>;
}
