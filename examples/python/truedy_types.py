"""Written by `npm run fix:schemas` from the files in schemas/. Do not edit.

Ignore fields that are not listed here: a later version may add some.
"""

from typing import Any, Literal

from typing_extensions import NotRequired, TypedDict


class CallSettings(TypedDict):
    """Truedy's settings of the call."""

    # Whether Truedy records the call.
    recording_enabled: NotRequired[bool]
    # Whether Truedy transcribes it.
    transcription_enabled: NotRequired[bool]
    # The agent's first sentence.
    greeting: NotRequired[str]
    # After which Truedy ends the call, 1s to 86400s, in seconds.
    max_duration: NotRequired[str]
    # How long the phone may ring, 1s to 86400s, in seconds.
    join_timeout: NotRequired[str]


class CallBody(TypedDict):
    """Sent to Truedy unchanged, as the body of `POST /calls`. At most 64 KiB."""

    # The Truedy agent that makes the call. At most 255 bytes.
    agent_id: str
    # The number to call, in E.164. It is never corrected.
    phone_number: str
    # What the agent knows about the person. `temporal_ref` is reserved.
    variables: NotRequired[dict[str, str]]
    # The number to call from, in E.164. Default: the agent's.
    from_number: NotRequired[str]
    # Truedy's settings of the call.
    call_settings: NotRequired[CallSettings]


class Completion(TypedDict):
    """How the end of the call is detected."""

    # By webhooks with polling as a fallback, or by polling alone.
    mode: NotRequired[Literal["webhook", "poll"]]
    # How long after the last webhook event polling begins, 0s to 1h.
    grace: NotRequired[str]
    # The interval between reads, 5s to 1h.
    pollEvery: NotRequired[str]
    # How long to wait for transcript and summary after the end, 0s to 10m.
    artifacts: NotRequired[str]


class RedialDelays(TypedDict):
    """The outcomes after which to call again, with the delays."""

    # Delays before each redial after `no_answer`, 1m to 30d each. The last one repeats.
    no_answer: NotRequired[list[str]]
    # Delays before each redial after `busy`, 1m to 30d each. The last one repeats.
    busy: NotRequired[list[str]]
    # Delays before each redial after `voicemail`, 1m to 30d each. The last one repeats.
    voicemail: NotRequired[list[str]]
    # Delays before each redial after `declined`, 1m to 30d each. The last one repeats.
    declined: NotRequired[list[str]]
    # Delays before each redial after `unreachable`, 1m to 30d each. The last one repeats.
    unreachable: NotRequired[list[str]]
    # Delays before each redial after `failed`, 1m to 30d each. The last one repeats.
    failed: NotRequired[list[str]]


class Redial(TypedDict):
    """Whether and when to call again."""

    # All attempts counted. Over 1 only with `after`.
    maxAttempts: NotRequired[int]
    # The outcomes after which to call again, with the delays.
    after: NotRequired[RedialDelays]


# Calling hours, in the recipient's time zone. Default: always open.
CallWindow = TypedDict("CallWindow", {
    # An IANA name of the form `Area/Location`, or `UTC`.
    "timeZone": str,
    # 1 (Monday) to 7 (Sunday).
    "days": NotRequired[list[Literal[1, 2, 3, 4, 5, 6, 7]]],
    # Local time of day, inclusive.
    "from": str,
    # Local time of day, exclusive. After `from`.
    "to": str,
})


class Placement(TypedDict):
    """What happens if a response of Truedy is lost."""

    # How long to wait before the listing is read, 90s to 1h.
    settle: NotRequired[str]


class OutboundCallInput(TypedDict):
    """The input of the workflow OutboundCallWorkflow. The worker checks more than a schema can:
    that a time zone or a day exists, that `to` is after `from` and `expiresAt` after
    `notBefore`, that `redial.after` names an outcome if `maxAttempts` is over 1, that names have
    no hidden characters, and that `call` has at most 64 KiB."""

    # Sent to Truedy unchanged, as the body of `POST /calls`. At most 64 KiB.
    call: CallBody
    # How the end of the call is detected.
    completion: NotRequired[Completion]
    # Whether and when to call again.
    redial: NotRequired[Redial]
    # Calling hours, in the recipient's time zone. Default: always open.
    window: NotRequired[CallWindow]
    # Nothing is dialed before this instant. ISO 8601 with an offset.
    notBefore: NotRequired[str]
    # Nothing is dialed after this instant; a live call is not cut off. ISO 8601 with an offset.
    expiresAt: NotRequired[str]
    # What happens if a response of Truedy is lost.
    placement: NotRequired[Placement]
    # Yours, and never sent to Truedy. `campaign`, at most 255 bytes, becomes the search
    # attribute TruedyCampaign. Not encrypted there: nothing about a person.
    labels: NotRequired[dict[str, str]]


# How a call ended. After `unknown`, a phone may have rung: check before another call.
Outcome = Literal[
    "answered",
    "voicemail",
    "no_answer",
    "busy",
    "declined",
    "invalid_number",
    "unreachable",
    "cancelled",
    "failed",
    "expired",
    "suppressed",
    "unknown",
]


# Why a person should check an attempt, or `opted_out`: the person asked not to be called again.
# A flagged call dials no further attempt.
Flag = Literal[
    "second_call",
    "other_number",
    "contradicted",
    "dialed_after_all",
    "opted_out",
]


class CallRecord(TypedDict):
    """One call as Truedy reports it, with Truedy's names. Fields that it does not report are
    null. It never contains the number called or the variables."""

    # Truedy's ID of the call.
    id: str | None
    # Truedy's status of the call.
    status: Literal["queued", "ringing", "in_progress", "ended", "failed", "cancelled"] | None
    # The agent that made the call.
    agent_id: str | None
    # The number that the call came from, in E.164.
    from_number: str | None
    # The length of the call, in seconds.
    duration_seconds: float | None
    # How the call ended, in Truedy's own word.
    outcome: str | None
    # Truedy's summary of the conversation.
    summary: str | None
    # As Truedy sends it: text, a list of turns, an object or null. Over 32 KiB: `{ "truncated":
    # true, "bytes": …, "sha256": … }`.
    transcript: Any
    # Where the recording is.
    recording_url: str | None
    # When Truedy accepted the call, as Truedy writes it.
    created_at: str | None
    # When the call was answered, as Truedy writes it.
    started_at: str | None
    # When the call ended, as Truedy writes it.
    ended_at: str | None


class AttemptReport(TypedDict):
    """One attempt to call."""

    # 1 for the first attempt.
    number: int
    # Truedy's ID of the call, if it is known.
    callId: NotRequired[str]
    # Absent while the attempt is open.
    outcome: NotRequired[Outcome]
    # When the call was placed. ISO 8601, in UTC.
    placedAt: NotRequired[str]
    # When the call ended. ISO 8601, in UTC.
    endedAt: NotRequired[str]
    # Whether a phone rang. True if that is uncertain.
    rangPhone: NotRequired[bool]
    # Which source established that the call exists.
    placedBy: NotRequired[Literal["response", "listing", "webhook", "resolve"]]
    # Which source reported how the call ended. Absent while that is unknown.
    learnedBy: NotRequired[Literal["webhook", "poll", "resolve"]]
    # How the call ended, in Truedy's or the carrier's own word.
    reason: NotRequired[str]
    # What a person should know of the attempt. Absent if there are none.
    flags: NotRequired[list[Flag]]


class CallResult(TypedDict):
    """The result of the workflow OutboundCallWorkflow. Problems that need fixing are not results
    but failures: call-failure.json."""

    # How the call ended.
    outcome: Outcome
    # Why nothing was dialed, if the outcome is `suppressed`: `opted_out`, or the text of your
    # dial check.
    reason: NotRequired[str]
    # Truedy's ID of the deciding attempt's call. Absent if no call was placed.
    callId: NotRequired[str]
    # What a requested cancellation achieved. Absent if none was requested.
    cancellation: NotRequired[Literal["prevented", "too_late", "unknown"]]
    # Every attempt that may have been sent, in order.
    attempts: list[AttemptReport]
    # The deciding attempt's call. Absent if no call was placed.
    call: NotRequired[CallRecord]


class InputProblem(TypedDict):
    """One problem of an input."""

    # The field, such as `redial.after.busy[1]`.
    path: str
    # What is wrong. It never quotes the value.
    problem: str


class Refusal(TypedDict):
    """What Truedy answered, and the attempts that may have been sent."""

    # The HTTP status of Truedy's response. Absent if there was none.
    status: NotRequired[int]
    # Truedy's ID of the request.
    requestId: NotRequired[str]
    # Every attempt that may have been sent, in order.
    attempts: list[AttemptReport]


class CallEvent(TypedDict):
    """The argument of the signal callEvent, which the webhook bridge sends. Programs have no
    need to send it."""

    # Truedy's type of the event, such as `call.ended`.
    event: str
    # The ID of the webhook delivery.
    deliveryId: NotRequired[str]
    # The number of the attempt, if the delivery has our reference.
    attempt: NotRequired[int]
    # Truedy's own ID of the call, if the delivery distinguishes it from the carrier's.
    callId: NotRequired[str]
    # Truedy's and the carrier's IDs of the call, Truedy's first.
    ids: list[str]
    # Of the number called.
    numberDigest: NotRequired[str]
    # When the bridge received the delivery. ISO 8601, in UTC.
    receivedAt: str
    # How the call ended, in Truedy's or the carrier's own word.
    reason: NotRequired[str]
    # Present only if the call ended and its record is complete.
    call: NotRequired[CallRecord]


# What a call is doing. `ended` is final.
Phase = Literal[
    "waiting",
    "placing",
    "unclear",
    "queued",
    "ringing",
    "in_progress",
    "redial_wait",
    "held",
    "ended",
]


class CallView(TypedDict):
    """What the query getCall and every update return."""

    # The workflow ID of the call, `call/<key>`.
    workflowId: str
    # What the call is doing.
    phase: Phase
    # When this phase began. ISO 8601, in UTC.
    since: str
    # One sentence: why the call is in this phase.
    because: str
    # The number of the current attempt, 1 for the first.
    attempt: int
    # When the call continues by itself. ISO 8601, in UTC.
    nextAt: NotRequired[str]
    # Truedy's ID of the current call.
    callId: NotRequired[str]
    # How the call ended. Absent while it is open.
    outcome: NotRequired[Outcome]
    # Every attempt that may have been sent, in order.
    attempts: list[AttemptReport]
    # The updates that are accepted in this phase.
    can: list[Literal["redialNow", "reschedule", "stop", "resolve"]]
