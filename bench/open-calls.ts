import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../src/workflows/messages';
import type { Contender } from './contenders';

/** Starts in progress at the same time. */
const AT_ONCE = 16;
const DAY_MS = 24 * 3_600_000;

/** Starts calls of the product that wait for their `notBefore` until `count` of them are open. */
export async function openCalls(
  { taskQueue }: Contender,
  client: Client,
  count: number,
): Promise<void> {
  const notBefore = new Date(Date.now() + DAY_MS).toISOString();
  let next = await waiting(client);
  const open = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const call = { agent_id: 'agent_1', phone_number: toNumber(next) };
      const workflowId = waitingId(next);
      const args = [{ call, notBefore }];
      await client.workflow.start(WORKFLOW_TYPE, { taskQueue, workflowId, args });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, open));
  while ((await waiting(client)) < count) await sleep(200);
}

/** A number that is answered: the simulator rejects or refuses some others. */
export function toNumber(index: number): string {
  return `+141555500${String(index % 100).padStart(2, '0')}`;
}

export function waitingId(index: number): string {
  return `call/waiting-${index}`;
}

// --- internal ---

async function waiting(client: Client): Promise<number> {
  const { count } = await client.workflow.count(
    `WorkflowType = '${WORKFLOW_TYPE}' AND TruedyPhase = 'waiting' AND ExecutionStatus = 'Running'`,
  );
  return count;
}
