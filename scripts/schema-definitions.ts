import { z } from 'zod';
import { FLAGS, LEARNED_BY } from '../src/call/api-types';
import { CALL_STATUSES } from '../src/call/call-record';
import { OUTCOMES } from '../src/call/outcome';
import { PHASES, UPDATE_NAMES } from '../src/call/phase';
import { FAILURE_TYPES } from '../src/call/placement';

/**
 * What programs receive from a call, as schemas. `test/schemas.test.ts` lets the compiler compare each of them
 * with its type in `src/call/`. The schema of the input is the one that the worker validates with.
 *
 * Objects are open: a later version may add fields, so a reader must ignore those that it does not know.
 */

const instant = (text: string) =>
  z.string().meta({ description: `${text} ISO 8601, in UTC.`, format: 'date-time' });

const outcome = z.enum(OUTCOMES).meta({
  id: 'Outcome',
  title: 'Outcome',
  description:
    'How a call ended. After `unknown`, a phone may have rung: check before another call.',
});

const phase = z.enum(PHASES).meta({
  id: 'Phase',
  title: 'Phase',
  description: 'What a call is doing. `ended` is final.',
});

const flag = z.enum(namesOf(FLAGS)).meta({
  id: 'Flag',
  title: 'Flag',
  description:
    'Why a person should check an attempt, or `opted_out`: the person asked not to be called again. ' +
    'A flagged call dials no further attempt.',
});

export const callRecord = z
  .object({
    id: z.string().nullable().describe("Truedy's ID of the call."),
    status: z.enum(CALL_STATUSES).nullable().describe("Truedy's status of the call."),
    agent_id: z.string().nullable().describe('The agent that made the call.'),
    from_number: z.string().nullable().describe('The number that the call came from, in E.164.'),
    duration_seconds: z.number().min(0).nullable().describe('The length of the call, in seconds.'),
    outcome: z.string().nullable().describe("How the call ended, in Truedy's own word."),
    summary: z.string().nullable().describe("Truedy's summary of the conversation."),
    transcript: z
      .unknown()
      .describe(
        'As Truedy sends it: text, a list of turns, an object or null. ' +
          'Over 32 KiB: `{ "truncated": true, "bytes": …, "sha256": … }`.',
      ),
    recording_url: z.string().nullable().describe('Where the recording is.'),
    created_at: z
      .string()
      .nullable()
      .describe('When Truedy accepted the call, as Truedy writes it.'),
    started_at: z.string().nullable().describe('When the call was answered, as Truedy writes it.'),
    ended_at: z.string().nullable().describe('When the call ended, as Truedy writes it.'),
  })
  .meta({
    id: 'CallRecord',
    title: 'CallRecord',
    description:
      "One call as Truedy reports it, with Truedy's names. Fields that it does not report are null. " +
      'It never contains the number called or the variables.',
  });

const attemptReport = z
  .object({
    number: z.int().min(1).describe('1 for the first attempt.'),
    callId: z.string().exactOptional().describe("Truedy's ID of the call, if it is known."),
    outcome: outcome.exactOptional().describe('Absent while the attempt is open.'),
    placedAt: instant('When the call was placed.').exactOptional(),
    endedAt: instant('When the call ended.').exactOptional(),
    rangPhone: z
      .boolean()
      .exactOptional()
      .describe('Whether a phone rang. True if that is uncertain.'),
    placedBy: z
      .enum(['response', 'listing', 'webhook', 'resolve'])
      .exactOptional()
      .describe('Which source established that the call exists.'),
    learnedBy: z
      .enum(LEARNED_BY)
      .exactOptional()
      .describe('Which source reported how the call ended. Absent while that is unknown.'),
    reason: z
      .string()
      .exactOptional()
      .describe("How the call ended, in Truedy's or the carrier's own word."),
    flags: z
      .array(flag)
      .exactOptional()
      .describe('What a person should know of the attempt. Absent if there are none.'),
  })
  .meta({ id: 'AttemptReport', title: 'AttemptReport', description: 'One attempt to call.' });

const attempts = z
  .array(attemptReport)
  .describe('Every attempt that may have been sent, in order.');

export const callResult = z
  .object({
    outcome: outcome.describe('How the call ended.'),
    reason: z
      .string()
      .exactOptional()
      .describe(
        'Why nothing was dialed, if the outcome is `suppressed`: `opted_out`, or the text of your dial check.',
      ),
    callId: z
      .string()
      .exactOptional()
      .describe("Truedy's ID of the deciding attempt's call. Absent if no call was placed."),
    cancellation: z
      .enum(['prevented', 'too_late', 'unknown'])
      .exactOptional()
      .describe('What a requested cancellation achieved. Absent if none was requested.'),
    attempts,
    call: callRecord
      .exactOptional()
      .describe("The deciding attempt's call. Absent if no call was placed."),
  })
  .meta({
    title: 'CallResult',
    description:
      'The result of the workflow OutboundCallWorkflow. Problems that need fixing are not results but failures: ' +
      'call-failure.json.',
  });

export const callView = z
  .object({
    workflowId: z.string().describe('The workflow ID of the call, `call/<key>`.'),
    phase: phase.describe('What the call is doing.'),
    since: instant('When this phase began.'),
    because: z.string().describe('One sentence: why the call is in this phase.'),
    attempt: z.int().min(1).describe('The number of the current attempt, 1 for the first.'),
    nextAt: instant('When the call continues by itself.').exactOptional(),
    callId: z.string().exactOptional().describe("Truedy's ID of the current call."),
    outcome: outcome.exactOptional().describe('How the call ended. Absent while it is open.'),
    attempts,
    can: z.array(z.enum(UPDATE_NAMES)).describe('The updates that are accepted in this phase.'),
  })
  .meta({
    title: 'CallView',
    description: 'What the query getCall and every update return.',
  });

export const callEvent = z
  .object({
    event: z.string().describe("Truedy's type of the event, such as `call.ended`."),
    deliveryId: z.string().exactOptional().describe('The ID of the webhook delivery.'),
    attempt: z
      .int()
      .min(1)
      .exactOptional()
      .describe('The number of the attempt, if the delivery has our reference.'),
    callId: z
      .string()
      .exactOptional()
      .describe(
        "Truedy's own ID of the call, if the delivery distinguishes it from the carrier's.",
      ),
    ids: z
      .array(z.string())
      .describe("Truedy's and the carrier's IDs of the call, Truedy's first."),
    numberDigest: z.string().exactOptional().describe('Of the number called.'),
    receivedAt: instant('When the bridge received the delivery.'),
    reason: z
      .string()
      .exactOptional()
      .describe("How the call ended, in Truedy's or the carrier's own word."),
    call: callRecord
      .exactOptional()
      .describe('Present only if the call ended and its record is complete.'),
  })
  .meta({
    title: 'CallEvent',
    description:
      'The argument of the signal callEvent, which the webhook bridge sends. Programs have no need to send it.',
  });

const inputProblem = z
  .object({
    path: z.string().describe('The field, such as `redial.after.busy[1]`.'),
    problem: z.string().describe('What is wrong. It never quotes the value.'),
  })
  .meta({ id: 'InputProblem', title: 'InputProblem', description: 'One problem of an input.' });

const refusal = z
  .object({
    status: z
      .int()
      .exactOptional()
      .describe("The HTTP status of Truedy's response. Absent if there was none."),
    requestId: z.string().exactOptional().describe("Truedy's ID of the request."),
    attempts,
  })
  .meta({
    id: 'Refusal',
    title: 'Refusal',
    description: 'What Truedy answered, and the attempts that may have been sent.',
  });

/** The details of a failure have no type of their own in `src/call/`; tests compare real ones. */
export const callFailure = z
  .object({
    type: z.enum(FAILURE_TYPES).describe('The type of the failure. It is never encrypted.'),
    message: z.string().describe('What happened. It begins with the type.'),
    details: z
      .tuple([z.union([z.array(inputProblem), refusal])])
      .describe('For `InvalidInput` a list of every problem, otherwise what Truedy answered.'),
  })
  .meta({
    title: 'CallFailure',
    description:
      'How the workflow OutboundCallWorkflow fails: type, message and details of its ApplicationFailure, ' +
      'which is not retryable. No phone rang in the last attempt.',
  });

// --- internal ---

function namesOf<T extends string>(flags: Readonly<Record<T, string>>): readonly T[] {
  return Object.keys(flags).filter((name): name is T => name in flags);
}
