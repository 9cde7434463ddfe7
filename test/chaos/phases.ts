import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../faults/support/cluster';

const POLL_MS = 400;
const QUERY = `ExecutionStatus = 'Running' AND TruedyPhase IN ('unclear', 'waiting', 'redial_wait', 'held')`;

/** Reports the phases of all open calls. Lists them with one request, since a query to each would load the workers. */
export async function watchPhases(
  { client }: Cluster,
  onPhase: (workflowId: string, phase: string) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { workflowId, searchAttributes } of client.workflow.list({ query: QUERY })) {
        const [phase] = searchAttributes['TruedyPhase'] ?? [];
        if (typeof phase === 'string') onPhase(workflowId, phase);
      }
    } catch {
      // The server is temporarily unavailable.
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
