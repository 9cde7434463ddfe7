import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../activities';
import { toReference } from '../call/attempt';
import { read } from './activities';
import { waitUntil, type Conversation } from './conversation';

/**
 * Reads an id that a delivery or a person named, until the instant or until `cut`.
 *
 * @returns `undefined` where no read succeeded before.
 */
export async function look(
  talk: Conversation,
  callId: string,
  untilMs: number,
  cut: () => boolean,
  namedBy: 'a person' | 'a delivery',
): Promise<LookAnswer | undefined> {
  const { plan, attempt } = talk;
  const { namespace, workflowId } = workflowInfo();
  const request = {
    callId,
    phoneNumber: plan.call.phone_number,
    reference: toReference({ namespace, workflowId, attempt: attempt.number }),
    timeScale: plan.timeScale,
  };
  const summary = `Check the call ${namedBy} named`;
  const scope = new CancellationScope({ cancellable: true });
  const answer = scope
    .run(() => read(plan, untilMs - Date.now()).lookCall.executeWithOptions({ summary }, [request]))
    // Its own time limit, or the cancellation below: no read succeeded.
    .catch(() => undefined);
  const over = scope.run(() => waitUntil(untilMs, cut, `Check the call ${namedBy} named, within`));
  const first = await Promise.race([answer, over]);
  scope.cancel();
  return first ?? undefined;
}
