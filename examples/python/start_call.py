"""Starts a call, or finds the call with the same key, and prints its outcome.

    pip install -r requirements.txt
    python start_call.py --to +14155550101 --agent agent_01h --key order-4711
"""

import json
import sys

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from truedy import TASK_QUEUE, WORKFLOW_TYPE, arguments, call_workflow_id, connect, input_for, run
from truedy_types import CallResult, CallView, OutboundCallInput


async def start_or_find(client: Client, key: str, call: OutboundCallInput) -> WorkflowHandle:
    workflow_id = call_workflow_id(key)
    try:
        return await client.start_workflow(
            WORKFLOW_TYPE,
            call,
            id=workflow_id,
            task_queue=TASK_QUEUE,
            # A second call with the same ID must not start, even after the first one has ended.
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        )
    except WorkflowAlreadyStartedError:
        return client.get_workflow_handle(workflow_id)


async def main() -> int:
    options = arguments("Starts a call, or finds it, and prints its outcome.")
    client = await connect()
    handle = await start_or_find(client, options.key, input_for(options))
    try:
        result: CallResult = await handle.result()
    except WorkflowFailureError as error:
        return report_failure(error)
    view: CallView = await handle.query("getCall")
    print(result["outcome"])
    print(json.dumps({"result": result, "view": view}), file=sys.stderr)
    return 0


def report_failure(error: WorkflowFailureError) -> int:
    """A failure is a problem to fix. Its type says which: see schemas/call-failure.json."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        raise error  # Terminated, or timed out.
    print(cause.message, file=sys.stderr)
    print(cause.type)
    return 1


if __name__ == "__main__":
    run(main)
