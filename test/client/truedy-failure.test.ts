import { WorkflowFailedError } from '@temporalio/client';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  NexusOperationFailure,
  RetryState,
  TerminatedFailure,
} from '@temporalio/common';
import { callAborted } from '../../src/call/call-result';
import { inputProblems } from '../../src/client/input-problems';
import { toTruedyFailure } from '../../src/client/truedy-failure';

const attempts = [{ number: 1 }];
const refused = ApplicationFailure.nonRetryable('unauthorized: …', 'unauthorized', {
  status: 401,
  requestId: 'req_1',
  attempts,
});
const expected = { type: 'unauthorized', status: 401, attempts };

describe('toTruedyFailure', () => {
  it('finds the failure behind the error of a result', () => {
    const { NON_RETRYABLE_FAILURE } = RetryState;
    const error = new WorkflowFailedError('failed', refused, NON_RETRYABLE_FAILURE);
    expect(toTruedyFailure(error)).toEqual(expected);
    expect(toTruedyFailure(refused)).toEqual(expected);
  });

  it('finds it behind the error of a child workflow', () => {
    const error = new ChildWorkflowFailure(
      'default',
      { workflowId: 'call/a', runId: 'b' },
      'OutboundCallWorkflow',
      RetryState.NON_RETRYABLE_FAILURE,
      refused,
    );
    expect(toTruedyFailure(error)).toEqual(expected);
  });

  it('finds it behind a Nexus operation of a closed run, whose details are nested', () => {
    const nested = ApplicationFailure.nonRetryable('…', 'unauthorized', [
      { status: 401, attempts },
    ]);
    const operation = ApplicationFailure.create({ type: 'OperationError', cause: nested });
    const error = new NexusOperationFailure('…', 1, 'truedy', 'truedy', 'call', '', operation);
    expect(toTruedyFailure(error)).toEqual(expected);
  });

  it('lists the problems of an invalid input', () => {
    const problems = inputProblems({ call: { agent_id: '', phone_number: '+14155550101' } });
    const error = ApplicationFailure.nonRetryable('InvalidInput: …', 'InvalidInput', problems);
    expect(problems).toEqual([{ path: 'call.agent_id', problem: 'is empty' }]);
    expect(toTruedyFailure(error)).toEqual({ type: 'InvalidInput', attempts: [], problems });
  });

  it('has no details where the failure has none of ours', () => {
    for (const details of [[], ['text'], [null], [{ attempts: 'none', status: '401' }]]) {
      const error = ApplicationFailure.nonRetryable('…', 'refused', ...details);
      expect(toTruedyFailure(error)).toEqual({ type: 'refused', attempts: [] });
    }
  });

  it('includes that callPerson found its call aborted', () => {
    const error = ApplicationFailure.create(callAborted('call/a', 'terminated'));
    expect(toTruedyFailure(error)).toEqual({ type: 'CallAborted', attempts: [] });
  });

  it('returns undefined for any other error', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    const others = [
      undefined,
      'unauthorized',
      loop,
      new Error('unauthorized'),
      ApplicationFailure.create({ type: 'SomethingElse' }),
      new WorkflowFailedError('…', new TerminatedFailure('…'), RetryState.NON_RETRYABLE_FAILURE),
    ];
    expect(others.map(toTruedyFailure)).toEqual(others.map(() => undefined));
  });
});
