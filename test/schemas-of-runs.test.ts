import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import type { CallView } from '../src/call/api-types';
import { rawEvents } from './codec/support/raw';
import { schemaProblems } from './support/schema';
import { inputFor, startRig, until, type Rig } from './support/rig';
import { hangUp } from './support/steer';

const problemsOf = {
  result: schemaProblems('call-result'),
  view: schemaProblems('call-view'),
  event: schemaProblems('call-event'),
  failure: schemaProblems('call-failure'),
};
const NUMBER = '+14155550150';
const SHORT = { call: { call_settings: { max_duration: '1s', join_timeout: '1s' } } };

let rig: Rig;
let mayDial: 'yes' | { no: string };

beforeAll(async () => {
  rig = await startRig({ timeScale: 300, mayDial: async () => mayDial });
});
beforeEach(async () => {
  mayDial = 'yes';
  await rig.plan({ reset: true });
});
afterAll(() => rig.stop());

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const inPhase = (handle: WorkflowHandle, phase: CallView['phase']) =>
  until(async () => {
    const view = await rig.view(handle);
    expect(problemsOf.view(view)).toEqual([]);
    return view.phase === phase && view;
  });

/** The deliveries that the bridge sent to a run. */
async function eventsOf(handle: WorkflowHandle): Promise<unknown[]> {
  const events = await rawEvents(rig, handle);
  return events.flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
    (signal?.input?.payloads ?? []).map((one) => defaultPayloadConverter.fromPayload(one as never)),
  );
}

interface Run {
  readonly outcome: string;
  readonly plan?: object | readonly object[];
  readonly input?: Parameters<typeof inputFor>[1];
  readonly before?: () => void;
  readonly meanwhile?: (handle: WorkflowHandle) => Promise<unknown>;
}

const cancelWaiting = async (handle: WorkflowHandle) => {
  await inPhase(handle, 'waiting');
  await handle.cancel();
};

const RUNS: readonly Run[] = [
  ...[
    'answered',
    'busy',
    'no_answer',
    'declined',
    'invalid_number',
    'voicemail',
    'unreachable',
  ].map((outcome) => ({ outcome, plan: { phone: outcome } })),
  { outcome: 'failed', plan: { phone: 'failed' } },
  {
    outcome: 'unknown',
    plan: { post: { kind: 'cut', dials: false }, webhooks: { events: [] } },
    input: { ...SHORT, placement: { settle: '90s' } },
  },
  {
    outcome: 'suppressed',
    before: () => {
      mayDial = { no: 'opted out' };
    },
  },
  { outcome: 'expired', input: { expiresAt: soon(-1_000) } },
  { outcome: 'cancelled', input: { notBefore: soon(36_000_000) }, meanwhile: cancelWaiting },
  {
    outcome: 'busy',
    plan: { phone: 'busy' },
    input: { redial: { maxAttempts: 2, after: { busy: ['30d'] } } },
    meanwhile: async (handle) => {
      await inPhase(handle, 'redial_wait');
      const view = await handle.executeUpdate('stop', { args: [{ reason: 'paid' }] });
      expect(problemsOf.view(view)).toEqual([]);
    },
  },
  {
    outcome: 'answered',
    plan: { transcriptBytes: 40_000 },
  },
  {
    outcome: 'answered',
    plan: { post: { kind: 'cut', dials: true }, webhooks: { events: [] } },
  },
];

it.each(RUNS)('a run that ends as $outcome fits the schemas', async (run) => {
  run.before?.();
  await rig.plan({ numbers: { [NUMBER]: run.plan ?? {} } });
  const handle = await rig.start(inputFor(NUMBER, run.input));
  await run.meanwhile?.(handle);
  const result = await handle.result();
  expect(result.outcome).toBe(run.outcome);
  expect(problemsOf.result(result)).toEqual([]);
  expect(problemsOf.view(await rig.view(handle))).toEqual([]);
  expect((await eventsOf(handle)).flatMap(problemsOf.event)).toEqual([]);
});

it('every phase of a call that a person answers fits the schema', async () => {
  await rig.plan({ numbers: { [NUMBER]: { phone: 'stuck_ringing' } } });
  const ringing = await rig.start(inputFor(NUMBER));
  await inPhase(ringing, 'ringing');
  await ringing.terminate();
  await rig.plan({ numbers: { [NUMBER]: { phone: 'stuck_in_progress' } } });
  const handle = await rig.start(inputFor(NUMBER));
  await inPhase(handle, 'in_progress');
  await until(async () => (await eventsOf(handle)).length === 2);
  await hangUp(rig, handle);
  await inPhase(handle, 'ended');
  expect(await eventsOf(handle)).toHaveLength(3);
});

it.each([
  ['InvalidInput', {}],
  ['unauthorized', { post: { kind: 'answer', status: 401, code: 'unauthorized', dials: false } }],
  [
    'agent_not_found',
    { post: { kind: 'answer', status: 404, code: 'agent_not_found', dials: false } },
  ],
])('a run that fails as %s fits the schema', async (type, plan) => {
  await rig.plan({ numbers: { [NUMBER]: plan } });
  const handle = await rig.start(type === 'InvalidInput' ? { call: {} } : inputFor(NUMBER));
  const error = await handle.result().catch((thrown: Error) => thrown.cause);
  if (!(error instanceof ApplicationFailure)) throw new Error('did not fail');
  const { message, details } = error;
  expect(error.type).toBe(type);
  expect(problemsOf.failure({ type: error.type, message, details })).toEqual([]);
  expect(problemsOf.view(await rig.view(handle))).toEqual([]);
});

it('notices a value that does not fit', async () => {
  expect(problemsOf.result({ outcome: 'ringing', attempts: [] })).toHaveLength(1);
  expect(
    problemsOf.result({ outcome: 'answered', attempts: [], phone_number: NUMBER }),
  ).toHaveLength(1);
  expect(problemsOf.view({ phase: 'ended' })).not.toEqual([]);
});
