import * as nexus from 'nexus-rpc';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { getClient, startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { invalidKey } from '../call/call-key';
import type { CallFailure } from '../call/call-result';
import { toWorkflowId, type OutboundCallInput } from '../call/input';
import type { CallResult } from '../call/api-types';
import { summaryOf } from '../call/text/current-details';
import { fieldsOf } from '../call/untrusted-values';
import { readRun } from '../temporal/run-result';
import { WORKFLOW_TYPE } from '../workflows/messages';
import { truedyService, type CallRequest } from '../callers/nexus-service';

/**
 * The Nexus service `truedy`. An operation `call` is completed by the run of its key: by the run's callback if it is
 * open, and immediately if it has closed.
 */
export function createNexusService() {
  const run = new WorkflowRunOperationHandler<CallRequest, CallResult>(startCall);
  return nexus.serviceHandler(truedyService, {
    call: {
      start: async (context, request) => {
        rejectBadKey(request);
        try {
          return await run.start(context, request);
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          return nexus.HandlerStartOperationResult.sync(await storedResult(error.workflowId));
        }
      },
      cancel: (context, token) => run.cancel(context, token),
    },
  });
}

// --- internal ---

type StartCall = (input: OutboundCallInput) => Promise<CallResult>;

function startCall(context: nexus.StartOperationContext, { key, input }: CallRequest) {
  const summary = summaryOf(input);
  return startWorkflow<StartCall>(context, WORKFLOW_TYPE, {
    workflowId: toWorkflowId(key),
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    ...(summary !== undefined && { staticSummary: summary }),
  });
}

function rejectBadKey(request: unknown): void {
  const { key, input } = fieldsOf(request);
  const invalid = invalidKey(key, input);
  if (invalid !== undefined) throw failed(invalid);
}

/** The result of a run that has closed. The server keeps it for the namespace's retention. */
async function storedResult(workflowId: string): Promise<CallResult> {
  const run = await readRun(getClient(), workflowId);
  switch (run.kind) {
    case 'completed':
      return run.result;
    case 'failed':
      throw failed(run.failure);
    case 'open':
      // It was reset in the meantime. The next try attaches to the new run.
      throw new nexus.HandlerError('UNAVAILABLE', 'the call was reset', {
        retryableOverride: true,
      });
  }
}

function failed(failure: CallFailure): nexus.OperationError {
  const cause = ApplicationFailure.create(failure);
  return new nexus.OperationError('failed', failure.message, { cause });
}
