import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { AttemptReport, CallResult } from '../../src/call/api-types';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { inputFor } from '../support/rig';
import { deliverLater, type Delivered } from './deliveries';
import { readRun, type RunRecord } from './history';
import { act, listedAs, type Done, type Stage } from './people';
import type { Moment, Scene, Story } from './story';
import { createLine, type createVendor, type Line } from './vendor';

/** How the run closed, as seen by its caller. */
export type RunEnd =
  | { readonly kind: 'result'; readonly result: CallResult }
  | {
      readonly kind: 'failure';
      readonly type: string | null;
      readonly attempts: readonly AttemptReport[];
    }
  | { readonly kind: 'open'; readonly phase: string };

/** Everything that happened in one story, seen from outside: at Truedy, at the bridge, the updates, and the histories. */
export interface Facts {
  readonly line: Line;
  readonly deliveries: readonly Delivered[];
  readonly done: readonly Done[];
  /** The runs of this workflow id, the latest one last. */
  readonly runs: readonly RunRecord[];
  readonly runEnd: RunEnd;
  readonly limits: Limits;
}

/** When to give up a story. The signal ends all stories. */
interface Limit {
  readonly atMs: number;
  readonly signal: AbortSignal;
}

interface Limits {
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
}

/** With this time scale most stories take a few seconds: `settle` is 0.9 s, the deadline 16 s. */
export const TIME_SCALE = 100;

const NUMBER = '+14155550101';
const LOOK_MS = 150;
const MAX_HOLD_MS = 1_500;
/** How long a request waits after an act during its connection, so that the run can record the act. */
export const RECORD_MS = 400;

/** Plays one story against the real workflow, and returns what happened. */
export async function play(
  stage: Stage,
  vendor: ReturnType<typeof createVendor>,
  story: Story,
): Promise<Facts> {
  const workflowId = `call/attack-${randomUUID()}`;
  const line = createLine(story, workflowId, NUMBER);
  vendor.lines.set(workflowId, line);
  const deliveries: Delivered[] = [];
  const done: Done[] = [];
  line.onDial = (dial) => deliverLater(line, dial, stage.bridge, deliveries);
  const director = direct(stage, line, done);
  line.at = director.at;
  const limits = limitsOf(story);
  await stage.client.workflow.start(WORKFLOW_TYPE, {
    taskQueue: stage.taskQueue,
    workflowId,
    args: [inputOf(story, limits)],
  });
  const limit = { atMs: Date.now() + mostMs(story), signal: stage.signal };
  const watching = watch(stage, line, director, limit);
  let runEnd = await runEndOf(stage.client, workflowId, limit);
  await director.at('closed', Math.max(1, ...line.sends.map(({ attempt }) => attempt)));
  await director.idle();
  // The last act may have been a reset or a second start.
  if (runEnd.kind !== 'open') {
    limit.atMs = Date.now() + mostMs(story);
    runEnd = await runEndOf(stage.client, workflowId, limit);
  }
  limit.atMs = 0;
  await watching;
  const runs = await recordsOf(stage.client, workflowId);
  if (runEnd.kind === 'open') await stage.client.workflow.getHandle(workflowId).terminate();
  return { line, deliveries, done, runs, runEnd, limits };
}

// --- internal ---

/** Performs each scene of a story once, at its moment. */
function direct(stage: Stage, line: Line, done: Done[]) {
  const waiting = new Set<Scene>(line.story.scenes);
  const unfinished = new Set<Promise<unknown>>();

  async function perform(scene: Scene): Promise<void> {
    await sleep(scene.delayMs);
    const acts = scene.acts.map((name) => act(stage, line, name, scene.attempt, done));
    await Promise.race([Promise.all(acts), sleep(MAX_HOLD_MS)]);
    for (const acting of acts) void track(acting);
  }

  function track(promise: Promise<unknown>): Promise<unknown> {
    unfinished.add(promise);
    return promise.finally(() => unfinished.delete(promise));
  }

  return {
    isAwaited: (moment: Moment) => [...waiting].some(({ at }) => at === moment),
    async at(moment: Moment, attempt: number): Promise<void> {
      const due = [...waiting].filter((scene) => scene.at === moment && scene.attempt === attempt);
      for (const scene of due) waiting.delete(scene);
      await Promise.all(due.map((scene) => track(perform(scene))));
      // The run must record the act before the send continues.
      if (due.length > 0 && moment === 'connecting') await sleep(RECORD_MS);
    },
    /** Resolves once every act was answered. */
    async idle(): Promise<void> {
      while (unfinished.size > 0) await Promise.all(unfinished);
    },
    redialNow: (attempt: number) => track(act(stage, line, 'redial now', attempt, done)),
  };
}

/** Polls for `redial_wait`, a phase in which the run sends no request, while a scene waits for it. */
async function watch(
  stage: Stage,
  line: Line,
  director: ReturnType<typeof direct>,
  limit: Limit,
): Promise<void> {
  const { workflowId, story } = line;
  const endsDelays = () => story.settings.delay === '2h';
  const hurried = new Set<number>();
  while (
    Date.now() < limit.atMs &&
    !limit.signal.aborted &&
    (endsDelays() || director.isAwaited('redial_wait'))
  ) {
    const listed = await listedAs(stage.client, workflowId);
    if (listed?.phase === 'redial_wait') {
      // The attempt that ended.
      const ended = Math.max(1, ...line.sends.map(({ attempt }) => attempt));
      await director.at('redial_wait', ended);
      if (endsDelays() && !hurried.has(ended)) {
        hurried.add(ended);
        void director.redialNow(ended);
      }
    }
    await sleep(LOOK_MS);
  }
}

async function runEndOf(client: Client, workflowId: string, limit: Limit): Promise<RunEnd> {
  for (;;) {
    const handle = client.workflow.getHandle(workflowId);
    const runEnd = await Promise.race([resultOf(handle), limitOf(client, handle, limit)]);
    if (runEnd.kind === 'open') return runEnd;
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return runEnd;
  }
}

async function resultOf(handle: WorkflowHandle): Promise<RunEnd> {
  try {
    return { kind: 'result', result: (await handle.result()) as CallResult };
  } catch (error) {
    const cause = error instanceof WorkflowFailedError ? error.cause : error;
    if (!(cause instanceof ApplicationFailure)) {
      return { kind: 'failure', type: null, attempts: [] };
    }
    const [details] = (cause.details ?? []) as [{ attempts?: AttemptReport[] }?];
    return { kind: 'failure', type: cause.type ?? null, attempts: details?.attempts ?? [] };
  }
}

async function limitOf(
  client: Client,
  handle: WorkflowHandle,
  { atMs, signal }: Limit,
): Promise<RunEnd> {
  const waitMs = Math.max(0, atMs - Date.now());
  await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  const listed = await listedAs(client, handle.workflowId);
  return { kind: 'open', phase: listed?.phase ?? 'no phase yet' };
}

async function recordsOf(client: Client, workflowId: string): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  const seen = new Set<string>();
  // A second start has no link to the earlier run, so the runs are listed by visibility.
  const query = `WorkflowId = '${workflowId}'`;
  for await (const { runId } of client.workflow.list({ query })) seen.add(runId);
  // The latest run is put last explicitly: a reset copies the start time of its base run.
  const { runId: latest } = await client.workflow.getHandle(workflowId).describe();
  seen.delete(latest);
  for (const runId of [...seen, latest]) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    records.push(readRun(runId, events ?? []));
  }
  return records;
}

function limitsOf({ settings }: Story): Limits {
  const { notBeforeInMs, expiresInMs } = settings;
  return {
    notBeforeMs: notBeforeInMs === null ? 0 : Date.now() + notBeforeInMs,
    expiresAtMs: expiresInMs === null ? Infinity : Date.now() + expiresInMs,
  };
}

function inputOf({ settings }: Story, { notBeforeMs, expiresAtMs }: Limits) {
  const { mode, grace, maxAttempts, delay, settle, artifacts } = settings;
  const outcomes = ['no_answer', 'busy', 'voicemail', 'declined', 'unreachable', 'failed'];
  const after = Object.fromEntries(outcomes.map((outcome) => [outcome, [delay]]));
  return inputFor(NUMBER, {
    call: {
      variables: { first_name: 'Sarah' },
      call_settings: { max_duration: '60s', join_timeout: '10s' },
    },
    completion: { mode, grace, pollEvery: '30s', artifacts },
    ...(maxAttempts > 1 && { redial: { maxAttempts, after } }),
    placement: { settle },
    ...(notBeforeMs > 0 && { notBefore: new Date(notBeforeMs).toISOString() }),
    ...(expiresAtMs < Infinity && { expiresAt: new Date(expiresAtMs).toISOString() }),
  });
}

/**
 * After this time a run counts as stuck. An attempt ends after its deadline (16 s at this scale) and the listings that
 * follow. The rest is a margin for a busy machine. A delay of `2h` is not counted, since `redialNow` ends it.
 */
function mostMs({ settings }: Story): number {
  return 60_000 + 25_000 * settings.maxAttempts;
}
