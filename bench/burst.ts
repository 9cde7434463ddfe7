import { setTimeout as sleep } from 'node:timers/promises';
import { WORKFLOW_TYPE } from '../src/workflows/messages';
import { post, startContender, type Contender } from './contenders';
import { memoryMiB } from './cpu';
import { deliverEnds, type Dial } from './deliveries';
import { toNumber } from './open-calls';
import { fieldsOf } from './requests';
import type { Place } from './round';

/** Starts in progress at the same time. */
const AT_ONCE = 16;
/** No reads, which would go before the dials of other calls. */
const QUIET = { mode: 'webhook', grace: '1h' };
const LIVE = `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running'`;

/** How a worker that was just restarted took the ends of all its calls at once. */
export interface Burst {
  readonly calls: number;
  /** Ends that the bridge accepted in a second. */
  readonly deliveriesPerS: number;
  /** From the start of the worker until the last run closed. */
  readonly closedAfterS: number;
  /** Calls whose run did not close with the delivered outcome. */
  readonly lost: number;
  readonly memoryMiB: number;
}

/** Places calls that do not end by themselves, kills the worker, delivers all their ends, and starts a worker. */
export async function playBurst(place: Place, calls: number): Promise<Burst> {
  const product = await startContender('product', place.server);
  const { client } = place;
  const count = async (query: string) => (await client.workflow.count(query)).count;
  try {
    await post(`${product.vendorUrl}/_sim/plan`, {
      defaults: { phone: 'stuck_in_progress', times: { ringMs: 1, joinMs: 1 } },
    });
    await startCalls(product, place, calls);
    await until(async () => (await count(`${LIVE} AND TruedyPhase != 'placing'`)) === calls);
    const dials = await dialsOf(product);
    await product.killWorker();
    const { bridge } = product;
    if (bridge === undefined) throw new Error('The product has no bridge');
    const delivered = await deliverEnds(bridge, dials);
    const restartedMs = performance.now();
    await product.startWorker();
    await until(async () => (await count(LIVE)) === 0);
    return {
      calls,
      deliveriesPerS: delivered.perSecond,
      closedAfterS: (performance.now() - restartedMs) / 1_000,
      lost:
        calls - (await count(`WorkflowType = '${WORKFLOW_TYPE}' AND TruedyOutcome = 'answered'`)),
      memoryMiB: memoryMiB(product.workerPid),
    };
  } finally {
    await product.stop();
  }
}

// --- internal ---

async function startCalls(product: Contender, { client }: Place, calls: number): Promise<void> {
  let started = 0;
  const start = async (): Promise<void> => {
    while (started < calls) {
      started += 1;
      const call = { agent_id: 'agent_1', phone_number: toNumber(started) };
      await client.workflow.start(WORKFLOW_TYPE, {
        taskQueue: product.taskQueue,
        workflowId: `call/burst-${started}`,
        args: [{ call, completion: QUIET }],
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, start));
}

async function dialsOf({ vendorUrl }: Contender): Promise<readonly Dial[]> {
  const { dials } = fieldsOf(await (await fetch(`${vendorUrl}/_sim/ledger`)).json());
  return (Array.isArray(dials) ? dials : []).map((line) => {
    const { ref, callId, number } = fieldsOf(line);
    return { reference: String(ref), callId: String(callId), phoneNumber: String(number) };
  });
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(500);
}
