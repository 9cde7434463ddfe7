import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Call, Ended, Requests } from '../requests';

/** What a first draft does: it places the call, and reads it again and again until it has ended. */
export async function NaiveCall(call: Call, pollMs: number): Promise<Ended> {
  const { place, read } = proxyActivities<Requests>({ startToCloseTimeout: '30 s' });
  const id = await place(call, workflowInfo().workflowId);
  for (;;) {
    await sleep(pollMs);
    const found = await read(id);
    if (found.status === 'ended') return found;
  }
}
