import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { createPrepareCall, toIdempotencyKey } from '../../src/activities/prepare-call';
import type { CallPlan } from '../../src/call/plan';
import { numberDigest } from '../../src/truedy/number-digest';
import { failureOf, NUMBER, surroundings } from './support/environment';

const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: false, timeScale: 1 };
const INPUT = {
  call: { agent_id: 'agent_01hx', phone_number: NUMBER, variables: { b: '', a: 'ü' } },
};

function prepare(input: unknown, info = {}): Promise<CallPlan> {
  const prepareCall = createPrepareCall(FACTS);
  return surroundings(info).run<[unknown], CallPlan, typeof prepareCall>(prepareCall, input);
}

function keyOf(reference: string): string {
  return createHash('sha256').update(reference).digest('hex').slice(0, 32);
}

describe('prepareCall', () => {
  it('returns the plan of a valid input', async () => {
    expect(await prepare(INPUT)).toMatchObject({
      ...FACTS,
      call: INPUT.call,
      completion: { mode: 'webhook', graceMs: 300_000 },
      settleMs: 330_000,
    });
  });

  it('derives a digest of the number that is the same however the number is written', async () => {
    const plan = await prepare(INPUT, { workflowNamespace: 'prod' });
    const conversation = { namespace: 'prod', workflowId: 'call/crm-1' };
    expect(plan.numberDigest).toBe(numberDigest(conversation, NUMBER.slice(1)));
    expect(plan.numberDigest).not.toBe(numberDigest(conversation, '+14155550102'));
    expect(plan.numberDigest).not.toContain(NUMBER.slice(1));
  });

  it('changes neither values nor order of the call', async () => {
    expect(JSON.stringify((await prepare(INPUT)).call)).toBe(JSON.stringify(INPUT.call));
  });

  it('derives one key for each attempt from namespace, workflow and number', async () => {
    const input = { ...INPUT, redial: { maxAttempts: 3, after: { busy: ['5m'] } } };
    const plan = await prepare(input, { workflowNamespace: 'prod' });
    expect(plan.idempotencyKeys).toEqual(
      [1, 2, 3].map((attempt) => keyOf(`prod/call/crm-1#${attempt}`)),
    );
  });

  it('returns the same plan in every run of a chain', async () => {
    const other = { workflowExecution: { workflowId: 'call/crm-1', runId: 'another' }, attempt: 9 };
    expect(await prepare(INPUT, other)).toEqual(await prepare(INPUT));
  });

  it('fails without retries, with every problem of an invalid input', async () => {
    const failure = await failureOf(prepare({ call: { agent_id: '', phone_number: '911' } }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'InvalidInput',
      nonRetryable: true,
      message:
        'InvalidInput: call.agent_id is empty; call.phone_number is not E.164, such as +14155551234',
      details: [
        [
          { path: 'call.agent_id', problem: 'is empty' },
          { path: 'call.phone_number', problem: 'is not E.164, such as +14155551234' },
        ],
      ],
    });
  });

  it('fails the same way without an input', async () => {
    expect(await failureOf(prepare(undefined))).toMatchObject({ type: 'InvalidInput' });
  });
});

describe('toIdempotencyKey', () => {
  it('is the first 32 hex digits of the SHA-256', () => {
    expect(toIdempotencyKey('default/call/crm-1#1')).toBe(keyOf('default/call/crm-1#1'));
    expect(toIdempotencyKey('')).toBe('e3b0c44298fc1c149afbf4c8996fb924');
  });
});
