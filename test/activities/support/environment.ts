import type { ApplicationFailure } from '@temporalio/common';
import type * as activity from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ListedRun, ServerQuestions } from '../../../src/activities/server-questions';
import type { TruedyClient } from '../../../src/truedy/client';
import type { TruedyCall } from '../../../src/truedy/truedy-call';
import { record } from '../../call/support/records';

export const NUMBER = '+14155550101';
export const REFERENCE = 'default/call/crm-1#1';
export const RUN = '0190aaaa-0000-7000-8000-000000000001';
export const NOW = Date.parse('2026-12-01T09:00:00.000Z');

const silent = () => undefined;
const QUIET = {
  log: silent,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
};

/** The context of an activity in run `RUN` of workflow `call/crm-1`. */
export function surroundings(info: Partial<activity.Info> = {}): MockActivityEnvironment {
  return new MockActivityEnvironment(
    {
      workflowExecution: { workflowId: 'call/crm-1', runId: RUN },
      activityId: '7',
      scheduledTimestampMs: NOW,
      currentAttemptScheduledTimestampMs: NOW,
      ...info,
    },
    { logger: QUIET },
  );
}

/** A Truedy client with only these methods. Any other request fails the test. */
export function vendor(knows: Partial<TruedyClient> = {}): TruedyClient {
  const unasked = () => Promise.reject(new Error('nobody should have asked'));
  return { placeCall: unasked, readCall: unasked, listCalls: unasked, ...knows };
}

/** A healthy server: the activity started at `NOW`, and the workflow id has no other run. */
export function server(knows: Partial<ServerQuestions> = {}): ServerQuestions {
  return {
    stateOf: async () => ({ kind: 'started', attempt: 1, startedMs: NOW }),
    runsOf: async () => [run()],
    ...knows,
  };
}

/** A run in visibility. */
export function run(told: Partial<ListedRun> = {}): ListedRun {
  return { runId: RUN, startMs: NOW, isContinued: false, ...told };
}

/** A call as the client returns it. */
export function call(
  told: Partial<Omit<TruedyCall, 'record'>> & { record?: object } = {},
): TruedyCall {
  return {
    callId: 'call_1',
    otherIds: [],
    phoneNumber: NUMBER,
    reference: REFERENCE,
    reason: null,
    ...told,
    record: record({ id: 'call_1', status: 'queued', ...told.record }),
  };
}

/** The failure of an activity. */
export function failureOf(outcome: Promise<unknown>): Promise<ApplicationFailure> {
  return outcome.then(
    () => Promise.reject(new Error('did not fail')),
    (error: unknown) => error as ApplicationFailure,
  );
}
