import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../activities';
import { toReference } from '../call/dial-request';
import { verifyActivities } from './activity-proxies';
import { toLook } from './answers';
import type { PlannedCall } from './call-state';
import { currentMs } from './clock';

/**
 * Reads a call id that a delivery or an operator named, to find out whether it belongs to the current attempt.
 *
 * @returns `undefined` if no read succeeded before `untilMs` or the interruption.
 */
export async function verifyCallId(
  call: PlannedCall,
  callId: string,
  untilMs: number,
  isInterrupted: () => boolean,
  namedBy: 'an operator' | 'a delivery',
): Promise<LookAnswer | undefined> {
  const { plan, attempt } = call;
  const { namespace, workflowId } = workflowInfo();
  const request = {
    callId,
    phoneNumber: plan.call.phone_number,
    reference: toReference({ namespace, workflowId, attempt: attempt.number }),
    timeScale: plan.timeScale,
  };
  const options = { summary: `Check the call ${namedBy} named` };
  const scope = new CancellationScope({ cancellable: true });
  const answer = scope
    .run(() => {
      const { lookCall } = verifyActivities(plan, untilMs - currentMs());
      return lookCall.executeWithOptions(options, [request]);
    })
    .then(toLook)
    // It timed out or was canceled below: no read succeeded.
    .catch(() => undefined);
  const first = await Promise.race([answer, condition(isInterrupted)]);
  if (first === undefined) scope.cancel();
  return first ?? undefined;
}
