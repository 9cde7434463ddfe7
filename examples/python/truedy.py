"""Names of the Truedy workflow, and how to reach Temporal."""

import argparse
import asyncio
import os
import sys
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from codec import data_converter
from truedy_types import OutboundCallInput

WORKFLOW_TYPE = "OutboundCallWorkflow"
TASK_QUEUE = os.environ.get("TRUEDY_TASK_QUEUE") or "truedy-calls"


def call_workflow_id(key: str) -> str:
    """The same key is the same call. Workflow IDs are not encrypted: no phone number in a key."""
    return key if key.startswith("call/") else f"call/{key}"


async def connect() -> Client:
    """By the variables and profiles of the `temporal` command, such as TEMPORAL_ADDRESS."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    return await Client.connect(**config, data_converter=data_converter())


def arguments(description: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--to", required=True, help="the number to call, in E.164")
    parser.add_argument("--agent", required=True, help="the ID of the Truedy agent")
    parser.add_argument("--key", required=True, help="identifies the call, such as order-4711")
    options = parser.parse_args()
    if options.to.lstrip("+") in options.key:
        parser.error("--key must not contain the number, because workflow IDs are not encrypted")
    return options


def input_for(options: argparse.Namespace) -> OutboundCallInput:
    return {"call": {"agent_id": options.agent, "phone_number": options.to}}


def run(main: Callable[[], Coroutine[Any, Any, int]]) -> NoReturn:
    """Runs a program and exits with the status that it returns; 1 if it raises.

    A normal exit of a short program can abort with "PyGILState_Release": threads of the SDK are
    still running. See https://github.com/temporalio/sdk-python/issues/300.
    """
    status = 1
    try:
        status = asyncio.run(main())
    except Exception:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
