import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { hangUp, PATIENT, UNTIL_HANG_UP } from '../support/steer';

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});

afterAll(async () => {
  await rig.stop();
});

beforeEach(async () => {
  await rig.plan({ reset: true });
});

/** The failure of the run. */
async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
  if (!(error instanceof WorkflowFailedError)) throw new Error('The run did not fail');
  return error.cause as ApplicationFailure;
}

describe('OutboundCallWorkflow', () => {
  it('returns the result of a call that a delivery reported', async () => {
    await rig.plan({ defaults: UNTIL_HANG_UP });
    const handle = await rig.start(inputFor('+14155550142', PATIENT));
    await hangUp(rig, handle);
    const result = await handle.result();
    expect(result).toEqual({
      outcome: 'answered',
      callId: expect.stringMatching(/^call_/),
      attempts: [
        {
          number: 1,
          callId: result.callId,
          outcome: 'answered',
          placedAt: expect.stringMatching(/Z$/),
          endedAt: expect.stringMatching(/Z$/),
          rangPhone: true,
          placedBy: 'response',
          learnedBy: 'webhook',
        },
      ],
      call: {
        id: result.callId,
        status: 'ended',
        agent_id: 'agent_1',
        from_number: expect.any(String),
        duration_seconds: 42,
        outcome: 'answered',
        summary: expect.any(String),
        transcript: expect.any(Array),
        recording_url: expect.any(String),
        created_at: expect.stringMatching(/Z$/),
        started_at: expect.stringMatching(/Z$/),
        ended_at: expect.stringMatching(/Z$/),
      },
    });
  });

  it.each([
    ['+14155550102', 'busy'],
    ['+14155550103', 'no_answer'],
    ['+14155550104', 'declined'],
    ['+14155550105', 'invalid_number'],
    ['+14155550106', 'voicemail'],
    ['+14155550107', 'unreachable'],
    ['+14155550108', 'cancelled'],
    ['+14155550109', 'failed'],
  ])('reports %s as %s', async (number, outcome) => {
    expect(await rig.run(inputFor(number))).toMatchObject({ outcome });
  });

  it('learns the result by polling if no delivery comes', async () => {
    const input = inputFor('+14155550113', { completion: { grace: '10s' } });
    const result = await rig.run(input);
    expect(result).toMatchObject({ outcome: 'answered', attempts: [{ learnedBy: 'poll' }] });
  });

  it('reads a call no sooner than 5 s (scaled) after the last read', async () => {
    await rig.plan({ defaults: { webhooks: { events: [] }, times: { endMs: 60_000 } } });
    await rig.run(inputFor('+14155550101', { completion: { mode: 'poll', pollEvery: '5s' } }));
    const reads = (await rig.requests())
      .filter(({ kind }) => kind === 'read')
      .map(({ at }) => Date.parse(at));
    expect(reads.length).toBeGreaterThan(2);
    const gaps = reads.slice(1).map((at, index) => at - (reads[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50);
  });

  it('sends the call unchanged, plus the reference', async () => {
    const call = {
      variables: { 名前: 'さくら 🌸', empty: '', b: '2', a: '1', quote: '"\\' },
      from_number: '+18005559876',
      call_settings: { max_duration: '1800s', greeting: 'Grüß Gott', recording_enabled: false },
    };
    const input = inputFor('+14155550101', { call });
    const handle = await rig.start(input);
    await handle.result();
    const { posts } = await rig.seen(handle);
    const reference = `default/${handle.workflowId}#1`;
    const variables = { ...call.variables, temporal_ref: reference };
    expect(posts.map(({ body }) => body)).toEqual([JSON.stringify({ ...input.call, variables })]);
  });

  it('reports all problems of an input together, and sends nothing', async () => {
    const before = (await rig.ledger()).posts.length;
    const handle = await rig.start({
      call: { agent_id: '', phone_number: '(415) 555-0123', variables: { n: 1 } },
      completion: { pollEvery: '1s' },
      window: { timeZone: 'Mars/Olympus', from: '09:00', to: '18:00' },
      colour: 'red',
    });
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toMatch(/^InvalidInput/);
    const problems = failure.details?.[0] as { path: string }[];
    expect(problems.map(({ path }) => path)).toEqual([
      'call.agent_id',
      'call.phone_number',
      'call.variables.n',
      'completion.pollEvery',
      'window.timeZone',
      'colour',
    ]);
    expect((await rig.ledger()).posts).toHaveLength(before);
    expect(JSON.stringify(failure)).not.toContain('555-0123');
  });

  it.each([
    [404, 'agent_not_found', 'agent_not_found'],
    [404, 'not_found', 'agent_not_found'],
    [422, 'no_phone_number_configured', 'no_phone_number_configured'],
    [422, 'invalid_phone_number', 'invalid_phone_number'],
    [422, 'agent_not_active', 'agent_not_active'],
    [402, 'payment_required', 'insufficient_credits'],
    [401, 'unauthorized', 'unauthorized'],
    [403, 'forbidden', 'forbidden'],
    [400, 'bad_request', 'bad_request'],
    [405, 'nothing_known', 'refused'],
  ])('fails on %i %s as %s after one request', async (status, code, type) => {
    const post = { kind: 'answer', status, code, message: 'No', dials: false };
    await rig.plan({ defaults: { post } });
    const handle = await rig.start(inputFor('+14155550150'));
    const failure = await failureOf(handle);
    expect(failure).toMatchObject({
      type,
      nonRetryable: true,
      details: [{ status, attempts: [] }],
    });
    expect(failure.message.startsWith(type)).toBe(true);
    expect(await rig.view(handle)).toMatchObject({ phase: 'ended', attempts: [], can: [] });
    const { posts, dials } = await rig.seen(handle);
    expect([posts.length, dials.length]).toEqual([1, 0]);
  });

  it('sends the same bytes again after the time in a 429, and dials once', async () => {
    const resetAfterMs = 1_500;
    const limited = { post: { kind: 'answer', status: 429, dials: false, resetAfterMs } };
    await rig.plan({ numbers: { '+14155550151': [limited, {}] } });
    const handle = await rig.start(inputFor('+14155550151'));
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    const { posts, dials } = await rig.seen(handle);
    expect(dials).toHaveLength(1);
    expect(posts).toHaveLength(2);
    expect(posts[1]?.body).toBe(posts[0]?.body);
    expect(posts[1]?.headers).toEqual(posts[0]?.headers);
    const [first = 0, second = 0] = posts.map(({ at }) => Date.parse(at));
    expect(second - first).toBeGreaterThanOrEqual(resetAfterMs);
  });

  it('retries if the connection was refused, and dials once', async () => {
    const open = await rig.shutVendor();
    const handle = await rig.start(inputFor('+14155550101'));
    await until(async () => (await rig.view(handle)).because.includes('ECONNREFUSED'));
    await open();
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect((await rig.seen(handle)).dials).toHaveLength(1);
  });

  it('places one call however often it is started', async () => {
    const workflowId = `call/${rig.taskQueue}`;
    const start = () =>
      rig.client.workflow.start('OutboundCallWorkflow', {
        taskQueue: rig.taskQueue,
        workflowId,
        args: [inputFor('+14155550101')],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
    const handles = await Promise.all(Array.from({ length: 20 }, start));
    await handles[0]?.result();
    expect(new Set(handles.map(({ firstExecutionRunId }) => firstExecutionRunId)).size).toBe(1);
    expect((await rig.seen({ workflowId })).dials).toHaveLength(1);
  });

  it('returns its state while it is live and after it has closed', async () => {
    await rig.plan({
      defaults: { phone: 'stuck_ringing', webhooks: { events: ['call.started'] } },
    });
    const handle = await rig.start(inputFor('+14155550160'));
    const ringing = await until(async () => {
      const view = await rig.view(handle);
      return view.phase === 'ringing' && view;
    });
    expect(ringing).toMatchObject({
      workflowId: handle.workflowId,
      attempt: 1,
      callId: expect.stringMatching(/^call_/),
      can: ['stop'],
    });
    expect(ringing.attempts[0]).not.toHaveProperty('outcome');
    expect(ringing.attempts[0]).not.toHaveProperty('endedAt');
    await rig.control(`calls/${ringing.callId}/end`, { status: 'ended', duration_seconds: 7 });
    await rig.control('deliver', { callId: ringing.callId, event: 'call.ended' });
    await handle.result();
    expect(await rig.view(handle)).toMatchObject({ phase: 'ended', outcome: 'answered', can: [] });
  });

  it('logs no phone number, key, secret or transcript', async () => {
    await rig.run(inputFor('+14155550101', { call: { variables: { name: 'Canary Bird' } } }));
    const text = rig.lines.join('\n');
    expect(text).not.toBe('');
    for (const canary of ['4155550', 'truedy_testkey', 'whsec_', 'Canary', 'simulated call']) {
      expect(text).not.toContain(canary);
    }
  });
});

describe('deliveries', () => {
  it('that arrive five times have no further effect', async () => {
    const handle = await rig.start(inputFor('+14155550114'));
    const result = await handle.result();
    expect(result.attempts).toHaveLength(1);
    expect((await rig.seen(handle)).dials).toHaveLength(1);
    const deliveries = rig.received.filter(({ workflowId }) => workflowId === handle.workflowId);
    expect(deliveries.every(({ status }) => status === 204)).toBe(true);
  });

  it('that arrive before the response to the POST are not lost', async () => {
    const handle = await rig.start(inputFor('+14155550115', PATIENT));
    expect(await handle.result()).toMatchObject({
      outcome: 'answered',
      attempts: [{ learnedBy: 'webhook' }],
    });
    expect((await rig.seen(handle)).dials).toHaveLength(1);
  });

  it('that are forged have no effect: the result is learned by polling', async () => {
    const handle = await rig.start(inputFor('+14155550127', { completion: { grace: '10s' } }));
    expect(await handle.result()).toMatchObject({ attempts: [{ learnedBy: 'poll' }] });
    expect(await rig.events(handle)).not.toContain('WORKFLOW_EXECUTION_SIGNALED');
  });

  it('that arrive after the run has closed get a 204 and have no effect', async () => {
    const handle = await rig.start(inputFor('+14155550101'));
    const { callId } = await handle.result();
    const before = await rig.events(handle);
    await rig.control('deliver', { callId, event: 'call.ended' });
    const late = await until(async () =>
      rig.received.find((one) => one.workflowId === handle.workflowId && one.fate === 'finished'),
    );
    expect(late.status).toBe(204);
    expect(await rig.events(handle)).toEqual(before);
  });

  it.each(['W1', 'W2', 'W4'])('in the envelope %s end the call with one read', async (shape) => {
    await rig.plan({
      defaults: { webhooks: { events: ['call.ended'], shape, echo: true } },
    });
    const handle = await rig.start(inputFor('+14155550161', PATIENT));
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect(await rig.events(handle)).toContain('WORKFLOW_EXECUTION_SIGNALED');
  });
});
