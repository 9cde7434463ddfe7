import type { Client } from '@temporalio/client';
import { OPEN_PHASES } from '../call/metrics';
import type { Phase } from '../call/phase';
import { TRUEDY_PHASE } from '../workflows/search-attributes';
import { callsWhere, quoted } from './visibility-query';

/**
 * Counts the running workflows of the namespace by phase, including phases with none.
 *
 * One query per phase, in sequence, because the server cannot group by a custom search attribute.
 */
export async function countOpenCalls(
  client: Pick<Client, 'workflow'>,
): Promise<ReadonlyMap<Phase, number>> {
  const counts = new Map<Phase, number>();
  for (const phase of OPEN_PHASES) {
    const { count } = await client.workflow.count(
      callsWhere("ExecutionStatus = 'Running'", `${TRUEDY_PHASE.name} = ${quoted(phase)}`),
    );
    counts.set(phase, count);
  }
  return counts;
}
