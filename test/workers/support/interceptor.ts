import {
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

interface TraceSinks extends Sinks {
  readonly trace: { saw(): void };
}

/** Reports each workflow that starts to a sink of the user. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        if (!workflowInfo().unsafe.isReplaying) proxySinks<TraceSinks>().trace.saw();
        return next(input);
      },
    },
  ],
});
