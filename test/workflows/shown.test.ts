import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { STEPS, type CallView, type Phase, type Step } from '../../src/call/api-types';
import { inputFor, startRig, until, type Rig } from '../support/rig';

/** What a person sees of a run, on a real server: pages, lines of the timeline, pending activities, lists. */
let rig: Rig;
const begun: WorkflowHandle[] = [];

// Waits last as long as in earnest, so that a phase stands still while it is looked at; calls live fast.
beforeAll(async () => {
  rig = await startRig({ timeScale: 1 });
});

afterAll(async () => {
  await Promise.all(begun.map((handle) => handle.terminate().catch(() => undefined)));
  await rig.stop();
});

interface Standing {
  readonly phase: Phase;
  /** The phase in lists, which is coarse: a live call keeps the one it had when it was placed. */
  readonly listed?: Phase;
  /** The heading of its page. */
  readonly heading: string;
  /** What the vendor does to it. */
  readonly plan: object;
  readonly input: () => object;
}

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const BUSY_TWICE = { maxAttempts: 3, after: { busy: ['30m'] } };
const CREDITS = { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false };

const STANDINGS: Readonly<Record<string, Standing>> = {
  'a wait for the time asked for': {
    phase: 'waiting',
    heading: 'Waiting: not before the time asked for',
    plan: {},
    input: () => ({ notBefore: inHours(1) }),
  },
  'a wait for calling hours': {
    phase: 'waiting',
    heading: 'Waiting: outside calling hours',
    plan: {},
    input: () => ({ window: closedWindow() }),
  },
  'a lost answer': {
    phase: 'unclear',
    heading: 'Unclear: the phone may have rung',
    plan: { post: { kind: 'cut', dials: false } },
    input: () => ({}),
  },
  'a live call': {
    phase: 'in_progress',
    listed: 'queued',
    heading: 'In progress: a person is on the line',
    plan: { phone: 'stuck_in_progress', webhooks: { events: ['call.joined'] } },
    input: () => ({}),
  },
  'a wait for a redial': {
    phase: 'redial_wait',
    heading: 'Waiting to redial: attempt 2 of 3 after busy',
    plan: { phone: 'busy' },
    input: () => ({ redial: BUSY_TWICE }),
  },
  'want of credits': {
    phase: 'held',
    heading: 'Held: no credits at Truedy',
    plan: { post: CREDITS },
    input: () => ({ expiresAt: inHours(2) }),
  },
  'an end': {
    phase: 'ended',
    heading: 'Ended: answered',
    plan: {},
    input: () => ({}),
  },
};

let count = 0;

/** A run that stands in the phase, with a number of its own. */
async function standing({ phase, plan, input }: Standing) {
  count += 1;
  const number = `+141555501${String(30 + (count % 60)).padStart(2, '0')}`;
  await rig.plan({ numbers: { [number]: plan } });
  const handle = await rig.start(inputFor(number, { labels: { campaign: 'spring' }, ...input() }));
  begun.push(handle);
  const view = await until(async () => {
    const now = await rig.view(handle);
    return now.phase === phase && now;
  });
  return { handle, view };
}

async function pageOf(handle: WorkflowHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

const INPUTS: Readonly<Record<Step, () => unknown[]>> = {
  redialNow: () => [],
  reschedule: () => [{ notBefore: inHours(1) }],
  stop: () => [{}],
  resolve: () => [{ dialled: false }],
};

/** `taken`, or the type of the refusal. */
async function send(handle: WorkflowHandle, step: Step): Promise<unknown> {
  try {
    await handle.executeUpdate<CallView, any>(step, { args: INPUTS[step]() });
    return 'taken';
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
    return cause instanceof ApplicationFailure ? cause.type : cause;
  }
}

describe.each(Object.entries(STANDINGS))('%s', (_, given) => {
  it('has a page of its phase, which ends with the time it is of', async () => {
    const { handle } = await standing(given);
    const page = await pageOf(handle);
    expect(page.split('\n')[0]).toBe(`### ${given.heading}`);
    expect(page).toMatch(/\n\*As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, its last change\. .*\*$/);
    expect(page).toContain('campaign spring');
    expect(page).not.toContain('4155550');
  });

  it.each(STEPS)('takes %s exactly where its page offers it', async (step) => {
    const { handle, view } = await standing(given);
    const offer = `temporal truedy ${step.replace('N', '-n')} `;
    expect((await pageOf(handle)).includes(offer)).toBe(view.can.includes(step));
    const isOver = given.phase === 'ended';
    // The server itself refuses what is sent to a run that has closed.
    const refused = isOver ? expect.objectContaining({ name: 'WorkflowNotFoundError' }) : 'NotNow';
    expect(await send(handle, step)).toEqual(view.can.includes(step) ? 'taken' : refused);
  });

  it('is found in lists by its phase', async () => {
    const { listed = given.phase } = given;
    const { handle, view } = await standing(given);
    const { typedSearchAttributes } = await until(async () => {
      const now = await handle.describe();
      const [phase] = (now.searchAttributes['TruedyPhase'] ?? []) as string[];
      return phase === listed && now;
    });
    const told = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(told).toMatchObject({
      TruedyPhase: listed,
      TruedyAttempt: view.attempt,
      TruedyAgentId: 'agent_1',
      TruedyCampaign: 'spring',
      ...(view.callId !== undefined && { TruedyCallId: [view.callId] }),
      ...(view.outcome !== undefined && { TruedyOutcome: view.outcome }),
    });
    const query = `TruedyPhase = '${listed}' AND TruedyCampaign = 'spring'`;
    await until(async () => {
      for await (const { workflowId } of rig.client.workflow.list({ query })) {
        if (workflowId === handle.workflowId) return true;
      }
      return false;
    });
  });
});

/** A window that opens in six hours. */
function closedWindow() {
  const opens = String((new Date().getUTCHours() + 6) % 24).padStart(2, '0');
  return { timeZone: 'UTC', from: `${opens}:00`, to: `${opens}:30` };
}

/** What the history says of each activity, local activity and timer. */
async function lines(handle: WorkflowHandle): Promise<(string | undefined)[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter(
      (event) =>
        event.activityTaskScheduledEventAttributes ||
        event.timerStartedEventAttributes ||
        event.markerRecordedEventAttributes,
    )
    .map(({ userMetadata }) => {
      const payload = userMetadata?.summary;
      return payload ? defaultPayloadConverter.fromPayload<string>(payload) : undefined;
    });
}

describe('the queries of docs/temporal-ui.md', () => {
  const text = readFileSync(join(__dirname, '../../docs/temporal-ui.md'), 'utf8');
  const queries = [...text.matchAll(/\| `(Truedy[^`]+)` +\|/g)].map(([, query = '']) => query);

  it('are there', () => {
    expect(queries.length).toBeGreaterThanOrEqual(5);
  });

  it.each(queries)('%s is one the server takes', async (query) => {
    await expect(rig.client.workflow.count(query)).resolves.toHaveProperty('count');
  });
});

describe('the timeline', () => {
  it.each([
    ['a wait for the time asked for', ['Check the input', 'Wait for the time asked for']],
    [
      'a wait for calling hours',
      [
        'Check the input',
        'Find when the calling window is open',
        expect.stringMatching(/^Calling window opens \w{3} \d{1,2} \w{3} \d\d:00 UTC$/),
      ],
    ],
    ['a lost answer', ['Check the input', 'Place call, attempt 1 of 1', 'Let the request settle']],
    [
      'a wait for a redial',
      [
        'Check the input',
        'Place call, attempt 1 of 3',
        'Wait for webhook (grace 5 min)',
        'Redial 2 of 3 after busy',
      ],
    ],
    [
      'want of credits',
      ['Check the input', 'Place call, attempt 1 of 1', 'Held: no credits at Truedy'],
    ],
  ] as const)('says what %s is', async (name, expected) => {
    const given = STANDINGS[name];
    if (given === undefined) throw new Error(`${name} is no standing`);
    const { handle } = await standing(given);
    await until(async () => (await lines(handle)).length >= expected.length);
    expect(await lines(handle)).toEqual(expected);
  });
});

describe('where waits are short', () => {
  let fast: Rig;

  beforeAll(async () => {
    fast = await startRig({ timeScale: 100 });
  });

  afterAll(async () => {
    await fast.stop();
  });

  async function begin(plan: object, input: object = {}): Promise<WorkflowHandle> {
    await fast.plan({ reset: true, defaults: plan });
    const handle = await fast.start(inputFor('+14155550190', input));
    begun.push(handle);
    return handle;
  }

  const silent = { webhooks: { events: [] } };
  const limited = { kind: 'answer', status: 429, dials: false, resetAfterMs: 600_000 };

  it.each([
    [
      'three attempts',
      { phones: ['no_answer', 'busy', 'answered'] },
      { redial: { maxAttempts: 3, after: { no_answer: ['1m'], busy: ['1m'] } } },
      ['Redial 2 of 3 after no_answer', 'Redial 3 of 3 after busy', 'Place call, attempt 3 of 3'],
    ],
    ['a poll', silent, { completion: { grace: '5s' } }, ['Ask Truedy until something changes']],
    [
      'late artifacts',
      { artifactsAfterMs: 500 },
      { completion: { artifacts: '10m' } },
      ['Ask for transcript and summary'],
    ],
    [
      'a failure without a reason',
      { ...silent, post: { kind: 'says_failed', corrected: false } },
      { redial: { maxAttempts: 2, after: { failed: ['1m'] } }, placement: { settle: '90s' } },
      ['Confirm that the call failed'],
    ],
    [
      'a lost answer that no listing shows',
      { ...silent, post: { kind: 'cut', dials: false } },
      { placement: { settle: '90s' } },
      [
        'Let the request settle',
        "Look for attempt 1 in Truedy's listing",
        'Open for a late delivery or a person',
      ],
    ],
    ['a limited rate', { post: limited }, {}, ['Back off: Truedy limits the rate']],
  ])('the timeline says what each step of %s is', async (_, plan, input, expected) => {
    const handle = await begin(plan, input);
    const told = await until(async () => {
      const now = await lines(handle);
      return expected.every((line) => now.includes(line)) && now;
    });
    expect(told).not.toContain(undefined);
  });

  it('the timeline says that a call is checked which a person named', async () => {
    const handle = await begin({ ...silent, post: { kind: 'cut', dials: false } });
    await until(async () => (await fast.view(handle)).phase === 'unclear');
    await handle.executeUpdate('resolve', { args: [{ dialled: true, callId: 'call_other' }] });
    expect(await lines(handle)).toContain('Check the call a person named');
  });

  it.each([
    ['nothing changes', {}, /^in progress, \d+ s after it was placed$/],
    ['reads fail', { fail: { status: 503, times: 1_000 } }, /^GET \/calls\/\S+ answered 503.*$/],
  ])('a pending poll says in one line why it waits while %s', async (_, read, expected) => {
    const webhooks = { events: ['call.joined'] };
    const plan = { phone: 'stuck_in_progress', webhooks, read };
    const handle = await begin(plan, { completion: { grace: '5s' } });
    const failure = await until(async () => {
      const { raw } = await handle.describe();
      const told = raw.pendingActivities?.[0]?.lastFailure;
      return expected.test(told?.message ?? '') && told;
    });
    expect(failure?.stackTrace).toBe('');
    expect(failure?.cause ?? null).toBeNull();
  });
});
