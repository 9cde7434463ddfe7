import { randomUUID } from 'node:crypto';
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

/** How the run closed, as its caller sees it. */
export type Ending =
  | { readonly kind: 'result'; readonly result: CallResult }
  | {
      readonly kind: 'failure';
      readonly type: string | null;
      readonly attempts: readonly AttemptReport[];
    }
  | { readonly kind: 'open'; readonly phase: string };

/** Everything that happened in one story, from outside: at Truedy, at the bridge, at the people, in history. */
export interface Facts {
  readonly line: Line;
  readonly deliveries: readonly Delivered[];
  readonly done: readonly Done[];
  /** The runs of this workflow id, the latest one last. */
  readonly runs: readonly RunRecord[];
  readonly ending: Ending;
  readonly limits: Limits;
}

/** How long a story may take; the signal ends all stories. */
interface Limit {
  readonly atMs: number;
  readonly signal: AbortSignal;
}

interface Limits {
  readonly notBeforeMs: number;
  readonly expiresAtMs: number;
}

/** A time scale that leaves most stories over in a few seconds: `settle` 0.9 s, deadline 16 s. */
export const TIME_SCALE = 100;

const NUMBER = '+14155550101';
const LOOK_MS = 150;
const MOST_HELD_MS = 1_500;
/** How long a request waits for what people did while it connected. */
export const HEARD_MS = 400;

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
  let ending = await endingOf(stage.client, workflowId, limit);
  await director.at('closed', Math.max(1, ...line.sends.map(({ attempt }) => attempt)));
  await director.idle();
  // A reset or a second start may have been the last act.
  if (ending.kind !== 'open') {
    limit.atMs = Date.now() + mostMs(story);
    ending = await endingOf(stage.client, workflowId, limit);
  }
  limit.atMs = 0;
  await watching;
  const runs = await recordsOf(stage.client, workflowId);
  if (ending.kind === 'open') await stage.client.workflow.getHandle(workflowId).terminate();
  return { line, deliveries, done, runs, ending, limits };
}

// --- internal ---

/** Lets the people of a story act at their moments, each scene once. */
function direct(stage: Stage, line: Line, done: Done[]) {
  const waiting = new Set<Scene>(line.story.scenes);
  const acting = new Set<Promise<unknown>>();

  async function perform(scene: Scene): Promise<void> {
    await pass(scene.delayMs);
    const acts = scene.acts.map((what) => act(stage, line, what, scene.attempt, done));
    await Promise.race([Promise.all(acts), pass(MOST_HELD_MS)]);
    for (const one of acts) void keep(one);
  }

  function keep(one: Promise<unknown>): Promise<unknown> {
    acting.add(one);
    return one.finally(() => acting.delete(one));
  }

  return {
    isAwaited: (moment: Moment) => [...waiting].some(({ at }) => at === moment),
    async at(moment: Moment, attempt: number): Promise<void> {
      const due = [...waiting].filter((scene) => scene.at === moment && scene.attempt === attempt);
      for (const scene of due) waiting.delete(scene);
      await Promise.all(due.map((scene) => keep(perform(scene))));
      // The run has to hear of it before the send goes on.
      if (due.length > 0 && moment === 'connecting') await pass(HEARD_MS);
    },
    /** Everything that somebody did has been answered. */
    async idle(): Promise<void> {
      while (acting.size > 0) await Promise.all(acting);
    },
    redialNow: (attempt: number) => keep(act(stage, line, 'redial now', attempt, done)),
  };
}

/** Looks for the phase that no request shows, while a scene waits for it. */
async function watch(
  stage: Stage,
  line: Line,
  director: ReturnType<typeof direct>,
  limit: Limit,
): Promise<void> {
  const { workflowId, story } = line;
  const isImpatient = () => story.settings.delay === '2h';
  const hurried = new Set<number>();
  while (
    Date.now() < limit.atMs &&
    !limit.signal.aborted &&
    (isImpatient() || director.isAwaited('redial_wait'))
  ) {
    const listed = await listedAs(stage.client, workflowId);
    if (listed?.phase === 'redial_wait') {
      // The attempt that ended, whether or not the next one is at hand.
      const ended = Math.max(1, ...line.sends.map(({ attempt }) => attempt));
      await director.at('redial_wait', ended);
      if (isImpatient() && !hurried.has(ended)) {
        hurried.add(ended);
        void director.redialNow(ended);
      }
    }
    await pass(LOOK_MS);
  }
}

async function endingOf(client: Client, workflowId: string, limit: Limit): Promise<Ending> {
  for (;;) {
    const handle = client.workflow.getHandle(workflowId);
    const ending = await Promise.race([resultOf(handle), limitOf(client, handle, limit)]);
    if (ending.kind === 'open') return ending;
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return ending;
  }
}

async function resultOf(handle: WorkflowHandle): Promise<Ending> {
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
): Promise<Ending> {
  await Promise.race([pass(Math.max(0, atMs - Date.now()), true), aborted(signal)]);
  const listed = await listedAs(client, handle.workflowId);
  return { kind: 'open', phase: listed?.phase ?? 'no phase yet' };
}

async function recordsOf(client: Client, workflowId: string): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  const seen = new Set<string>();
  // A reset names the run that it goes on from; a second start names none, and visibility knows it.
  const query = `WorkflowId = '${workflowId}'`;
  for await (const { runId } of client.workflow.list({ query })) seen.add(runId);
  // The latest run goes last: a reset copies the start of the run that it goes on from.
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
 * Past this a run is stuck. An attempt is over after its deadline (16 s at this scale) and the listings after
 * it; the rest is room for a busy machine. A delay of `2h` counts for nothing, since `redialNow` ends it.
 */
function mostMs({ settings }: Story): number {
  return 60_000 + 25_000 * settings.maxAttempts;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener('abort', () => done()));
}

function pass(ms: number, unref = false): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    if (unref) timer.unref();
  });
}
