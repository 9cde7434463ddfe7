import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { UPDATE_NAMES, type Phase, type UpdateName } from '../../src/call/phase';
import type { CallView } from '../../src/call/api-types';
import { inputFor, startRig, until, type Rig } from '../support/rig';

/** What operators see of a run on a real server: details page, timeline, pending activities and lists. */
let rig: Rig;
const begun: WorkflowHandle[] = [];

// Waits are as long as in production, so that a phase does not change during a test. Simulated calls are fast.
beforeAll(async () => {
  rig = await startRig({ timeScale: 1 });
});

afterAll(async () => {
  await Promise.all(begun.map((handle) => handle.terminate().catch(() => undefined)));
  await rig.stop();
});

interface PhaseCase {
  readonly phase: Phase;
  /** The phase in lists, which are not updated while a call is live. Default: `phase`. */
  readonly listed?: Phase;
  /** The heading of the details page. */
  readonly heading: string;
  /** The script of the simulator. */
  readonly plan: object;
  readonly input: () => object;
}

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const BUSY_TWICE = { maxAttempts: 3, after: { busy: ['30m'] } };
const CREDITS = { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false };

const PHASE_CASES: Readonly<Record<string, PhaseCase>> = {
  'a wait for the time asked for': {
    phase: 'waiting',
    heading: 'Waiting: notBefore is in the future',
    plan: {},
    input: () => ({ notBefore: inHours(1) }),
  },
  'a wait for calling hours': {
    phase: 'waiting',
    heading: 'Waiting: outside calling hours',
    plan: {},
    input: () => ({ window: closedWindow() }),
  },
  'a lost response': {
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
  'a lack of credits': {
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

/** Starts a run with a phone number of its own, and waits until it is in the phase. */
async function startInPhase({ phase, plan, input }: PhaseCase) {
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

const INPUTS: Readonly<Record<UpdateName, () => unknown[]>> = {
  redialNow: () => [],
  reschedule: () => [{ notBefore: inHours(1) }],
  stop: () => [{}],
  resolve: () => [{ dialled: false }],
};

/** Sends the update. Returns `accepted`, or the type of the error. */
async function send(handle: WorkflowHandle, update: UpdateName): Promise<unknown> {
  try {
    await handle.executeUpdate<CallView, any>(update, { args: INPUTS[update]() });
    return 'accepted';
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
    return cause instanceof ApplicationFailure ? cause.type : cause;
  }
}

describe.each(Object.entries(PHASE_CASES))('%s', (_, given) => {
  it('has a details page for its phase, with the time of its last change', async () => {
    const { handle } = await startInPhase(given);
    const page = await pageOf(handle);
    expect(page.split('\n')[0]).toBe(`### ${given.heading}`);
    expect(page).toMatch(/\n\*As of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, its last change\. .*\*$/);
    expect(page).toContain('campaign spring');
    expect(page).not.toContain('4155550');
  });

  it.each(UPDATE_NAMES)('accepts %s exactly if its details page offers it', async (update) => {
    const { handle, view } = await startInPhase(given);
    const offer = `temporal truedy ${update.replace('N', '-n')} `;
    expect((await pageOf(handle)).includes(offer)).toBe(view.can.includes(update));
    const isClosed = given.phase === 'ended';
    // The server itself rejects updates to a closed run.
    const refused = isClosed
      ? expect.objectContaining({ name: 'WorkflowNotFoundError' })
      : 'NotNow';
    expect(await send(handle, update)).toEqual(view.can.includes(update) ? 'accepted' : refused);
  });

  it('can be listed by its phase', async () => {
    const { listed = given.phase } = given;
    const { handle, view } = await startInPhase(given);
    const { typedSearchAttributes } = await until(async () => {
      const now = await handle.describe();
      const [phase] = (now.searchAttributes['TruedyPhase'] ?? []) as string[];
      return phase === listed && now;
    });
    const attributes = Object.fromEntries(
      typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]),
    );
    expect(attributes).toMatchObject({
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

/** A calling window that opens in six hours. */
function closedWindow() {
  const opens = String((new Date().getUTCHours() + 6) % 24).padStart(2, '0');
  return { timeZone: 'UTC', from: `${opens}:00`, to: `${opens}:30` };
}

/** The summary of each activity, local activity and timer in the history. */
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

  it('exist', () => {
    expect(queries.length).toBeGreaterThanOrEqual(5);
  });

  it.each(queries)('%s is accepted by the server', async (query) => {
    await expect(rig.client.workflow.count(query)).resolves.toHaveProperty('count');
  });
});

describe('the timeline', () => {
  it.each([
    ['a wait for the time asked for', ['Check the input', 'Wait until notBefore']],
    [
      'a wait for calling hours',
      [
        'Check the input',
        'Find when the calling window is open',
        expect.stringMatching(/^Calling window opens \w{3} \d{1,2} \w{3} \d\d:00 UTC$/),
      ],
    ],
    [
      'a lost response',
      ['Check the input', 'Place call, attempt 1 of 1', 'Let the request settle'],
    ],
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
      'a lack of credits',
      ['Check the input', 'Place call, attempt 1 of 1', 'Held: no credits at Truedy'],
    ],
  ] as const)('describes %s', async (name, expected) => {
    const given = PHASE_CASES[name];
    if (given === undefined) throw new Error(`${name} is not a phase case`);
    const { handle } = await startInPhase(given);
    await until(async () => (await lines(handle)).length >= expected.length);
    expect(await lines(handle)).toEqual(expected);
  });
});

describe('with short waits', () => {
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
    ['a poll', silent, { completion: { grace: '5s' } }, ['Poll Truedy until the call changes']],
    [
      'late artifacts',
      { artifactsAfterMs: 500 },
      { completion: { artifacts: '10m' } },
      ['Read transcript and summary'],
    ],
    [
      'a failure without a reason',
      { ...silent, post: { kind: 'says_failed', corrected: false } },
      { redial: { maxAttempts: 2, after: { failed: ['1m'] } }, placement: { settle: '90s' } },
      ['Confirm that the call failed'],
    ],
    [
      'a lost response of a call that no listing contains',
      { ...silent, post: { kind: 'cut', dials: false } },
      { placement: { settle: '90s' } },
      [
        'Let the request settle',
        "Look for attempt 1 in Truedy's listing",
        'Wait for a late delivery or resolve',
      ],
    ],
    ['a limited rate', { post: limited }, {}, ['Back off: rate limited by Truedy']],
  ])('the timeline describes each step of %s', async (_, plan, input, expected) => {
    const handle = await begin(plan, input);
    const summaries = await until(async () => {
      const now = await lines(handle);
      return expected.every((line) => now.includes(line)) && now;
    });
    expect(summaries).not.toContain(undefined);
  });

  it('the timeline contains the check of a call that an operator named', async () => {
    const handle = await begin({ ...silent, post: { kind: 'cut', dials: false } });
    await until(async () => (await fast.view(handle)).phase === 'unclear');
    await handle.executeUpdate('resolve', { args: [{ dialled: true, callId: 'call_other' }] });
    expect(await lines(handle)).toContain('Check the call an operator named');
  });

  it.each([
    ['nothing changes', {}, /^in progress, \d+ s after it was placed$/],
    ['reads fail', { fail: { status: 503, times: 1_000 } }, /^GET \/calls\/\S+ answered 503.*$/],
  ])('a pending poll reports in one line why it waits while %s', async (_, read, expected) => {
    const webhooks = { events: ['call.joined'] };
    const plan = { phone: 'stuck_in_progress', webhooks, read };
    const handle = await begin(plan, { completion: { grace: '5s' } });
    const failure = await until(async () => {
      const { raw } = await handle.describe();
      const last = raw.pendingActivities?.[0]?.lastFailure;
      return expected.test(last?.message ?? '') && last;
    });
    expect(failure?.stackTrace).toBe('');
    expect(failure?.cause ?? null).toBeNull();
  });
});
