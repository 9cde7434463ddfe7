"""A workflow that calls a person as one of its steps, and the worker that runs it.

    python parent.py --to +14155550101 --agent agent_01h --key order-4711

Prints what the workflow returns: the outcome of the call.
"""

import sys
import uuid
from datetime import timedelta

from temporalio import workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    WorkflowAlreadyStartedError,
)
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from truedy import (
        TASK_QUEUE,
        WORKFLOW_TYPE,
        arguments,
        call_workflow_id,
        connect,
        input_for,
        run,
    )
    from truedy_types import CallResult, OutboundCallInput


async def call_person(call: OutboundCallInput, key: str, task_queue: str) -> CallResult:
    """Calls a person. If a run with this key exists or existed, returns the result of that run."""
    try:
        return await workflow.execute_child_workflow(
            WORKFLOW_TYPE,
            call,
            id=call_workflow_id(key),
            task_queue=task_queue,
            # The call outlives its parent, and one key is one call.
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            # A canceled parent receives what became of the call: a live one cannot be hung up.
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
    except WorkflowAlreadyStartedError:
        # An activity of the Truedy workers waits for it, in polls of at most 20 s.
        return await workflow.execute_activity(
            "truedyAwaitCall",
            call_workflow_id(key),
            task_queue=task_queue,
            start_to_close_timeout=timedelta(minutes=1),
        )


@workflow.defn
class Order:
    @workflow.run
    async def run(self, key: str, call: OutboundCallInput, task_queue: str) -> str:
        try:
            result = await call_person(call, key, task_queue)
        except (ChildWorkflowError, ActivityError) as error:
            if isinstance(error.cause, ApplicationError):
                # The type says what to fix. Without this, the parent fails with another type.
                raise error.cause
            raise
        return result["outcome"]


async def main() -> int:
    options = arguments("Runs a workflow that calls a person, and prints the outcome.")
    client = await connect()
    task_queue = f"orders-{uuid.uuid4()}"
    async with Worker(client, task_queue=task_queue, workflows=[Order]):
        try:
            outcome = await client.execute_workflow(
                Order.run,
                args=[options.key, input_for(options), TASK_QUEUE],
                id=f"order-{uuid.uuid4()}",
                task_queue=task_queue,
            )
        except WorkflowFailureError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            print(error.cause.message, file=sys.stderr)
            print(error.cause.type)
            return 1
    print(outcome)
    return 0


if __name__ == "__main__":
    run(main)
