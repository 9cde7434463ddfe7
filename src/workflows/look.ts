import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../activities';
import { toReference } from '../call/dial-request';
import { look as lookAt } from './activity-proxies';
import { toLook } from './answers';
import { currentMs } from './clock';
import type { Conversation } from './call-state';

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
    .run(() =>
      lookAt(plan, untilMs - currentMs()).lookCall.executeWithOptions({ summary }, [request]),
    )
    .then(toLook)
    // Its time is over, or the cancellation below: no read succeeded.
    .catch(() => undefined);
  const first = await Promise.race([answer, condition(cut)]);
  if (first === undefined) scope.cancel();
  return first ?? undefined;
}
