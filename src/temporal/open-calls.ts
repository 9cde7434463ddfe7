import type { Client } from '@temporalio/client';
import { OPEN_PHASES } from '../call/metrics';
import type { Phase } from '../call/api-types';
import { WORKFLOW_TYPE } from '../workflows/messages';
import { TRUEDY_PHASE } from '../workflows/search-attributes';

/**
 * The open conversations of the namespace by the phase that lists show; phases without any are 0.
 *
 * One question for each phase, one after the other: the server groups by no attribute of ours.
 */
export async function countOpenCalls(
  client: Pick<Client, 'workflow'>,
): Promise<ReadonlyMap<Phase, number>> {
  const counts = new Map<Phase, number>();
  for (const phase of OPEN_PHASES) {
    const { count } = await client.workflow.count(
      `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Running' AND ${TRUEDY_PHASE.name} = '${phase}'`,
    );
    counts.set(phase, count);
  }
  return counts;
}
