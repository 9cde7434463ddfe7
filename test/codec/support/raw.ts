import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Rig } from '../../support/rig';

const {
  DescribeWorkflowExecutionResponse,
  GetWorkflowExecutionHistoryResponse,
  QueryWorkflowResponse,
} = temporal.api.workflowservice.v1;

/** The history of a run as the server stores it, and what it answers about the run. Nothing is decoded. */
export async function rawTexts(
  { client }: Pick<Rig, 'client'>,
  { workflowId }: WorkflowHandle,
): Promise<string> {
  const service = client.workflowService;
  const { namespace } = client.options;
  const execution = { workflowId };
  const parts = [
    DescribeWorkflowExecutionResponse.encode(
      await service.describeWorkflowExecution({ namespace, execution }),
    ),
  ];
  for (const queryType of ['getCall', '__temporal_workflow_metadata', '__stack_trace']) {
    const answer = await service.queryWorkflow({ namespace, execution, query: { queryType } });
    parts.push(QueryWorkflowResponse.encode(answer));
  }
  const texts = parts.map((part) => Buffer.from(part.finish()).toString('latin1'));
  return [...texts, await rawHistory({ client }, { workflowId })].join('\n');
}

/** The history of a run as the server stores it. */
export async function rawHistory(
  { client }: Pick<Rig, 'client'>,
  { workflowId, runId }: { readonly workflowId: string; readonly runId?: string },
): Promise<string> {
  const { namespace } = client.options;
  const pages: string[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, ...(runId !== undefined && { runId }) },
      ...(nextPageToken && { nextPageToken }),
    });
    pages.push(
      Buffer.from(GetWorkflowExecutionHistoryResponse.encode(page).finish()).toString('latin1'),
    );
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
  return pages.join('\n');
}

/** The events of a run, not decoded. */
export async function rawEvents({ client }: Pick<Rig, 'client'>, { workflowId }: WorkflowHandle) {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
  });
  return history?.events ?? [];
}
