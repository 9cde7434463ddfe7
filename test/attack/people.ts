import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { TRUEDY_ATTEMPT, TRUEDY_PHASE } from '../../src/workflows/search-attributes';
import { deliverCopy, deliverWithoutIds, type Bridge } from './deliveries';
import type { Act } from './story';
import type { Line } from './vendor';

/** One act of a story, and its answer. */
export interface Done {
  readonly act: Act;
  readonly attempt: number;
  readonly atMs: number;
  /** `open` until it is answered. Then `accepted`, the error type, or `closed`. */
  answer: string;
  answeredMs: number;
}

export interface Stage {
  readonly client: Client;
  readonly bridge: Bridge;
  readonly taskQueue: string;
  /** Ends all stories that are still playing. */
  readonly signal: AbortSignal;
}

const UPDATE_LIMIT_MS = 60_000;
const TRIES = 6;
const RESOLUTIONS: ReadonlySet<Act> = new Set([
  'resolve not dialed',
  'resolve dialed',
  'resolve earlier call',
  'resolve foreign call',
]);
const { EVENT_TYPE_WORKFLOW_TASK_COMPLETED: TASK_COMPLETED } = temporal.api.enums.v1.EventType;

/** Performs one act, and records its answer. */
export async function act(
  stage: Stage,
  line: Line,
  name: Act,
  attempt: number,
  into: Done[],
): Promise<Done> {
  const isDue = !RESOLUTIONS.has(name) || (await isUnclear(stage, line, attempt));
  const done: Done = { act: name, attempt, atMs: Date.now(), answer: 'open', answeredMs: Infinity };
  into.push(done);
  done.answer = isDue ? await ACTIONS[name](stage, line, attempt).catch(refusalIn) : 'NotNow';
  done.answeredMs = Date.now();
  return done;
}

/**
 * The state of a run as lists show it. Does not use a query: with SDK 1.24 a query that waits while no worker runs can
 * cache a state that is not in history, and the run can then be stuck (docs/operating.md).
 */
export async function listedAs(client: Client, workflowId: string) {
  const described = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  const attributes = described?.typedSearchAttributes;
  return (
    attributes && { phase: attributes.get(TRUEDY_PHASE), attempt: attributes.get(TRUEDY_ATTEMPT) }
  );
}

type Action = (stage: Stage, line: Line, attempt: number) => Promise<string>;

const ACTIONS: Readonly<Record<Act, Action>> = {
  'resolve not dialed': (stage, line) => resolveAs(stage, line, { dialled: false }),
  'resolve dialed': (stage, line, attempt) =>
    resolveAs(stage, line, dialedAs(idOf(line, attempt) ?? line.foreignCallId)),
  'resolve earlier call': (stage, line, attempt) =>
    resolveAs(stage, line, dialedAs(idOf(line, attempt - 1) ?? line.foreignCallId)),
  'resolve foreign call': (stage, line) => resolveAs(stage, line, dialedAs(line.otherCallId)),
  'redial now': (stage, line) => update(stage, line, 'redialNow'),
  'reschedule later': (stage, line) =>
    update(stage, line, 'reschedule', { notBefore: fromNow(700) }),
  'expire soon': (stage, line) => update(stage, line, 'reschedule', { expiresAt: fromNow(400) }),
  stop: (stage, line) => update(stage, line, 'stop', {}),
  cancel: async ({ client }, { workflowId }) => {
    await client.workflow.getHandle(workflowId).cancel();
    return 'accepted';
  },
  'copied reference': async ({ bridge }, line, attempt) =>
    String(await deliverCopy(line, attempt, bridge)),
  'failed without ids': async ({ bridge }, line, attempt) =>
    String(await deliverWithoutIds(line, attempt, bridge)),
  'answer by hand': answerByHand,
  reset,
  'start again': async ({ client, taskQueue }, line) => {
    await client.workflow.start(WORKFLOW_TYPE, {
      taskQueue,
      workflowId: line.workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      args: [await inputOf(client, line.workflowId)],
    });
    return 'accepted';
  },
};

// --- internal ---

async function update({ client }: Stage, line: Line, name: string, ...args: unknown[]) {
  const handle = client.workflow.getHandle(line.workflowId);
  for (let tries = 1; ; tries += 1) {
    try {
      await client.withDeadline(Date.now() + UPDATE_LIMIT_MS, () =>
        handle.executeUpdate(name, { args: args as [] }),
      );
      return 'accepted';
    } catch (error) {
      // The server did not accept the update: another event came before the task that would have answered it.
      if (!isPreempted(error) || tries === TRIES) throw error;
    }
  }
}

function isPreempted(error: unknown): boolean {
  return (
    error instanceof ServiceError && /unexpected workflow task failure/.test(String(error.cause))
  );
}

const RETRY_MS = 150;

/** Resolving an attempt requires that the run is at this attempt, so that the update does not apply to the next one. */
async function isUnclear({ client }: Stage, { workflowId }: Line, attempt: number) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const listed = await listedAs(client, workflowId);
    if (listed?.phase === 'unclear' && listed.attempt === attempt) return true;
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
  return false;
}

function resolveAs(stage: Stage, line: Line, resolution: object): Promise<string> {
  return update(stage, line, 'resolve', resolution);
}

function dialedAs(callId: string) {
  return { dialled: true, callId };
}

function idOf(line: Line, attempt: number): string | undefined {
  return line.dials.find((dial) => dial.attempt === attempt)?.ids.own;
}

function fromNow(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

/** Resets the latest run to a point in the middle of its history. */
async function reset({ client }: Stage, { workflowId }: Line): Promise<string> {
  const { history, workflowExecution } = await latest(client, workflowId);
  const points = history.filter(({ eventType }) => eventType === TASK_COMPLETED);
  const point = points[Math.floor(points.length / 2)];
  if (point?.eventId == null) return 'closed';
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution,
    workflowTaskFinishEventId: point.eventId,
    requestId: `reset-${Date.now()}`,
    reason: 'attack',
  });
  return 'accepted';
}

/** Completes the pending `placeCall` activity with a value that is not a valid result. */
async function answerByHand({ client }: Stage, { workflowId }: Line): Promise<string> {
  const { raw, runId } = await client.workflow.getHandle(workflowId).describe();
  const pending = raw.pendingActivities?.find(
    ({ activityType }) => activityType?.name === 'placeCall',
  );
  if (pending?.activityId == null) return 'closed';
  const id = { workflowId, runId, activityId: pending.activityId };
  // The activity may have completed in the meantime.
  return client.activity.complete(id, 'done').then(
    () => 'accepted',
    () => 'closed',
  );
}

async function latest(client: Client, workflowId: string) {
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  return { history: events ?? [], workflowExecution: { workflowId, runId } };
}

async function inputOf(client: Client, workflowId: string): Promise<unknown> {
  const { history } = await latest(client, workflowId);
  const payload = history[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return JSON.parse(Buffer.from(payload?.data ?? '').toString());
}

/** The answer for an error that the caller can act on. Any other error is reported in full. */
function refusalIn(error: unknown): string {
  if (error instanceof WorkflowNotFoundError) return 'closed';
  if (error instanceof WorkflowExecutionAlreadyStartedError) return 'closed';
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'no answer';
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    return cause instanceof ApplicationFailure ? (cause.type ?? 'untyped') : 'untyped';
  }
  if (error instanceof ServiceError) return `refused by the server: ${String(error.cause)}`;
  return String(error);
}
