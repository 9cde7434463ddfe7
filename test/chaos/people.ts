import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Resolution } from '../../src/call/api-types';
import { sendUntilReceived } from '../../src/cli/shared/send-until-received';
import { TRUEDY_ATTEMPT, TRUEDY_PHASE } from '../../src/workflows/search-attributes';
import type { Cluster } from '../faults/support/cluster';
import type { Deeds } from './deeds';
import type { DrawnAct, DrawnCall } from './draw-call';
import { resetPoints } from './history';
import { patiently } from './patience';
import { toReference, type LedgerView } from './vendor';

/** One call as the people around it know it. */
export interface Subject {
  readonly drawn: DrawnCall;
  readonly number: string;
  readonly handle: WorkflowHandle;
  readonly deeds: Deeds;
  readonly cluster: Cluster;
  readonly ledger: LedgerView;
}

/** What is done so long after the start, whatever the call is at. */
export async function act(subject: Subject, { kind, part }: DrawnAct): Promise<void> {
  const { handle, deeds } = subject;
  const update = (name: string, input?: object) => () =>
    sendUntilReceived(() =>
      input === undefined
        ? handle.executeUpdate(name)
        : handle.executeUpdate<unknown, [object]>(name, { args: [input] }),
    );
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
  switch (kind) {
    case 'cancel':
      return deeds.do({ what: kind }, () => patiently(() => handle.cancel()));
    case 'stop':
      return deeds.do({ what: kind }, update('stop', { reason: 'paid already' }));
    case 'redialNow':
      return deeds.do({ what: kind }, update('redialNow'));
    case 'reschedule':
      return deeds.do({ what: kind }, update('reschedule', { notBefore: inMs(part * 3_000) }));
    case 'expireSoon':
      return deeds.do({ what: kind }, update('reschedule', { expiresAt: inMs(part * 4_000) }));
    case 'wrongInput':
      return deeds.do(
        { what: kind },
        update(part < 0.5 ? 'reschedule' : 'stop', { when: 'tomorrow' }),
      );
    case 'resolveWrongId':
      return deeds.do(
        { what: kind },
        update('resolve', { dialled: true, callId: 'call_of_somebody_else' }),
      );
    case 'reset':
      return reset(subject, part);
  }
}

/** Goes back to one of the points of the newest run, open or closed. */
export async function reset({ handle, deeds, cluster }: Subject, part: number): Promise<void> {
  await deeds.do({ what: 'reset' }, async () => {
    const { runId } = await handle.describe();
    const newest = cluster.client.workflow.getHandle(handle.workflowId, runId);
    const points = await resetPoints(newest);
    const point = points[Math.floor(part * points.length)];
    if (point === undefined) return;
    await cluster.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: handle.workflowId, runId },
      workflowTaskFinishEventId: point as never,
      requestId: `reset-${handle.workflowId}-${runId}-${point}`,
      reason: 'chaos',
    });
  });
}

/** Whoever is asked about a request whose answer was lost. */
export async function testify(subject: Subject): Promise<void> {
  const { is, afterMs } = subject.drawn.witness;
  if (is === 'nobody') return;
  await sleep(afterMs);
  const view = await viewOf(subject);
  if (view.phase !== 'unclear') return;
  const { attempt } = view;
  const [dial] = await subject.ledger.dialsOf(toReference(subject.handle.workflowId, attempt));
  const truth: Resolution =
    dial === undefined ? { dialled: false } : { dialled: true, callId: dial.callId };
  switch (is) {
    case 'truthful':
      return say(subject, attempt, truth, false);
    case 'two':
      await Promise.all([say(subject, attempt, truth, false), say(subject, attempt, truth, false)]);
      return;
    case 'mistaken':
      await say(subject, attempt, { dialled: true, callId: 'call_of_somebody_else' }, true);
      return say(subject, attempt, truth, false);
    case 'liar':
      return say(subject, attempt, { dialled: false }, dial !== undefined);
  }
}

/** What is asked for at a long wait. */
export async function atWait(subject: Subject): Promise<void> {
  const { atWait: wish } = subject.drawn;
  if (wish === undefined) return;
  const one = (kind: DrawnAct['kind'], part = 0.3) => act(subject, { kind, part, afterMs: 0 });
  if (wish !== 'burst') return one(wish);
  await Promise.all([one('redialNow'), one('reschedule'), one('redialNow'), one('stop')]);
}

// --- internal ---

function say(
  { handle, deeds }: Subject,
  attempt: number,
  word: Resolution,
  isLie: boolean,
): Promise<void> {
  const said = word.dialled ? 'dialed' : 'not_dialed';
  return deeds.do({ what: `resolve ${said}`, attempt, said, isLie }, () =>
    sendUntilReceived(() => handle.executeUpdate('resolve', { args: [word] })),
  );
}

/**
 * As lists show it; `undefined` where the server is away, or the run is gone. No query: one that waits for a worker
 * while a timer fires makes SDK 1.24 run the workflow ahead of its history, and an update after it is then lost with
 * the run. docs/operating.md says what to do where that happened.
 */
async function viewOf({ handle }: Subject) {
  const described = await handle.describe().catch(() => undefined);
  const attributes = described?.typedSearchAttributes;
  return { phase: attributes?.get(TRUEDY_PHASE), attempt: attributes?.get(TRUEDY_ATTEMPT) ?? 1 };
}
