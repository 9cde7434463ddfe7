import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../faults/support/cluster';

const LOOK_MS = 400;
const QUERY = `ExecutionStatus = 'Running' AND TruedyPhase IN ('unclear', 'waiting', 'redial_wait', 'held')`;

/** Tells the phases of all open calls, by one list for all: a query to each would keep the workers busy. */
export async function watchPhases(
  { client }: Cluster,
  tell: (workflowId: string, phase: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { workflowId, searchAttributes } of client.workflow.list({ query: QUERY })) {
        const [phase] = searchAttributes['TruedyPhase'] ?? [];
        if (typeof phase === 'string') tell(workflowId, phase);
      }
    } catch {
      // The server is away for a moment.
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
