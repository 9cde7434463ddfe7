import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Resolution } from '../../src/call/api-types';
import { sendUntilReceived } from '../../src/cli/shared/send-until-received';
import { TRUEDY_ATTEMPT, TRUEDY_PHASE } from '../../src/workflows/search-attributes';
import type { Cluster } from '../faults/support/cluster';
import type { Actions } from './actions';
import type { DrawnAct, DrawnCall } from './draw-call';
import { resetPoints } from './history';
import { withRetries } from './retries';
import { toReference, type LedgerView } from './vendor';

/** A call on which people act. */
export interface Subject {
  readonly drawn: DrawnCall;
  readonly number: string;
  readonly handle: WorkflowHandle;
  readonly actions: Actions;
  readonly cluster: Cluster;
  readonly ledger: LedgerView;
}

/** Performs an act regardless of the phase of the call. */
export async function act(subject: Subject, { kind, part }: DrawnAct): Promise<void> {
  const { handle, actions } = subject;
  const update = (name: string, input?: object) => () =>
    sendUntilReceived(() =>
      input === undefined
        ? handle.executeUpdate(name)
        : handle.executeUpdate<unknown, [object]>(name, { args: [input] }),
    );
  const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
  switch (kind) {
    case 'cancel':
      return actions.do({ name: kind }, () => withRetries(() => handle.cancel()));
    case 'stop':
      return actions.do({ name: kind }, update('stop', { reason: 'paid already' }));
    case 'redialNow':
      return actions.do({ name: kind }, update('redialNow'));
    case 'reschedule':
      return actions.do({ name: kind }, update('reschedule', { notBefore: inMs(part * 3_000) }));
    case 'expireSoon':
      return actions.do({ name: kind }, update('reschedule', { expiresAt: inMs(part * 4_000) }));
    case 'wrongInput':
      return actions.do(
        { name: kind },
        update(part < 0.5 ? 'reschedule' : 'stop', { when: 'tomorrow' }),
      );
    case 'resolveWrongId':
      return actions.do(
        { name: kind },
        update('resolve', { dialled: true, callId: 'call_of_another_person' }),
      );
    case 'reset':
      return reset(subject, part);
  }
}

/** Resets the newest run, open or closed, to one of its points. */
export async function reset({ handle, actions, cluster }: Subject, part: number): Promise<void> {
  await actions.do({ name: 'reset' }, async () => {
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

/** Resolves an unclear request as the drawn witness does. */
export async function resolveAsWitness(subject: Subject): Promise<void> {
  const { is, afterMs } = subject.drawn.witness;
  if (is === 'none') return;
  await sleep(afterMs);
  const view = await viewOf(subject);
  if (view.phase !== 'unclear') return;
  const { attempt } = view;
  const [dial] = await subject.ledger.dialsOf(toReference(subject.handle.workflowId, attempt));
  const truth: Resolution =
    dial === undefined ? { dialled: false } : { dialled: true, callId: dial.callId };
  switch (is) {
    case 'truthful':
      return sendResolution(subject, attempt, truth, false);
    case 'two':
      await Promise.all([
        sendResolution(subject, attempt, truth, false),
        sendResolution(subject, attempt, truth, false),
      ]);
      return;
    case 'mistaken':
      await sendResolution(
        subject,
        attempt,
        { dialled: true, callId: 'call_of_another_person' },
        true,
      );
      return sendResolution(subject, attempt, truth, false);
    case 'liar':
      return sendResolution(subject, attempt, { dialled: false }, dial !== undefined);
  }
}

/** Performs the acts that are drawn for a long wait. */
export async function atWait(subject: Subject): Promise<void> {
  const { atWait: kind } = subject.drawn;
  if (kind === undefined) return;
  const actNow = (name: DrawnAct['kind']) => act(subject, { kind: name, part: 0.3, afterMs: 0 });
  if (kind !== 'burst') return actNow(kind);
  await Promise.all([
    actNow('redialNow'),
    actNow('reschedule'),
    actNow('redialNow'),
    actNow('stop'),
  ]);
}

// --- internal ---

function sendResolution(
  { handle, actions }: Subject,
  attempt: number,
  input: Resolution,
  isFalse: boolean,
): Promise<void> {
  const resolution = input.dialled ? 'dialed' : 'not_dialed';
  return actions.do({ name: `resolve ${resolution}`, attempt, resolution, isFalse }, () =>
    sendUntilReceived(() => handle.executeUpdate('resolve', { args: [input] })),
  );
}

/**
 * The phase and attempt as lists show them. `undefined` if the server is unavailable or the run does not exist. Does not
 * use a query: with SDK 1.24 a query that waits for a worker while a timer fires can run the workflow ahead of its
 * history, and a later update is then lost together with the run. See docs/operating.md.
 */
async function viewOf({ handle }: Subject) {
  const described = await handle.describe().catch(() => undefined);
  const attributes = described?.typedSearchAttributes;
  return { phase: attributes?.get(TRUEDY_PHASE), attempt: attributes?.get(TRUEDY_ATTEMPT) ?? 1 };
}
