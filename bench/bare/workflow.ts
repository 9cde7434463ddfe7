import {
  condition,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Call, Ended, Requests } from '../requests';

export const callEnded = defineSignal<[Ended]>('callEnded');

/** The least that places a call and waits for its webhook: no window, no redial, no way to see or steer it. */
export async function BareCall(call: Call): Promise<Ended> {
  let ended: Ended | undefined;
  setHandler(callEnded, (one) => {
    ended = one;
  });
  const { place } = proxyActivities<Requests>({
    startToCloseTimeout: '30 s',
    retry: { maximumAttempts: 1 },
  });
  await place(call, workflowInfo().workflowId);
  await condition(() => ended !== undefined);
  return ended ?? { status: 'unknown', endedAt: null };
}
