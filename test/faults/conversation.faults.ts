import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import type { CallView } from '../../src/call/api-types';
import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';
import { runRows, type Row } from './support/rows';

/** Redials, calling hours, dial checks and updates: which numbers are dialed, and when. Our waits are scaled 1:100. */
let cluster: Cluster;
let taskQueue: string;
let nextNumber = 4000;

const HOUR = 3_600_000;

async function begin(
  plan: object | readonly object[],
  rest: Parameters<typeof inputFor>[1] = {},
  queue = taskQueue,
): Promise<WorkflowHandle> {
  const number = `+1415555${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plan } });
  return cluster.start(queue, inputFor(number, rest));
}

function phaseOf(handle: WorkflowHandle, phase: string): Promise<CallView> {
  return until(async () => {
    const view = await cluster.view(handle).catch(() => undefined);
    return view?.phase === phase && view;
  });
}

async function dials(handle: { readonly workflowId: string }) {
  return (await cluster.seen(handle)).dials;
}

/** Calling hours that are closed now, and open in two hours. */
function shutWindow() {
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
  const opensMs = Date.now() + 2 * HOUR;
  const from = clock(opensMs);
  const to = clock(opensMs + HOUR);
  // Across midnight this would be invalid. Calling hours that ended an hour ago work as well.
  const past = { from: clock(Date.now() - 2 * HOUR), to: clock(Date.now() - HOUR) };
  return { timeZone: 'Etc/UTC', ...(from < to ? { from, to } : past) };
}

const UNTIL_ANSWERED = { maxAttempts: 3, after: { no_answer: ['1m'], busy: ['1m'] } };

const rows: readonly Row[] = [
  {
    id: 'redial',
    rule: 'no answer, busy, answered: 3 dials, 3 references, otherwise the same bytes, at most 60 events',
    run: async () => {
      const variables = { 名: '花子', empty: '', b: '2', a: '1' };
      const handle = await begin([{ phone: 'no_answer' }, { phone: 'busy' }, {}], {
        call: { variables, from_number: '+18005559876', call_settings: { greeting: 'Hi' } },
        redial: UNTIL_ANSWERED,
      });
      const result = await cluster.result(handle);
      expect(result.attempts.map(({ outcome }) => outcome)).toEqual([
        'no_answer',
        'busy',
        'answered',
      ]);
      const { dials, posts } = await cluster.seen(handle);
      expect(dials.map(({ ref }) => ref)).toEqual(
        [1, 2, 3].map((attempt) => `default/${handle.workflowId}#${attempt}`),
      );
      const bodies = posts.map(({ body }) => body.replace(/#\d"/, '#n"'));
      expect(new Set(bodies).size).toBe(1);
      const { events } = await handle.fetchHistory();
      const deliveries = events?.filter((one) => one.workflowExecutionSignaledEventAttributes);
      // Each attempt ends with one delivery. The other deliveries cost four events each.
      const extra = 4 * ((deliveries?.length ?? 0) - 3);
      expect((events?.length ?? 0) - extra).toBeLessThanOrEqual(60);
    },
  },
  {
    id: 'used-up',
    rule: 'attempts are used up: the last outcome, no further dial',
    run: async () => {
      const redial = { maxAttempts: 2, after: { busy: ['1m'] } };
      const handle = await begin({ phone: 'busy' }, { redial });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'busy' });
      expect(await dials(handle)).toHaveLength(2);
    },
  },
  {
    id: 'unknown',
    rule: 'unknown is never redialed',
    run: async () => {
      const handle = await begin(
        { post: { kind: 'cut', dials: false }, webhooks: { events: [] } },
        {
          call: { call_settings: { max_duration: '60s', join_timeout: '10s' } },
          redial: { maxAttempts: 3, after: { failed: ['1m'], no_answer: ['1m'] } },
        },
      );
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'unknown' });
      expect((await cluster.seen(handle)).posts).toHaveLength(1);
    },
  },
  {
    id: 'F13',
    rule: 'a failure without details is read again before a redial, and is replaced if the read differs',
    run: async () => {
      const handle = await begin(
        { post: { kind: 'says_failed', corrected: true }, webhooks: { events: [] } },
        { redial: { maxAttempts: 2, after: { failed: ['1m'] } } },
      );
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
      expect(await dials(handle)).toHaveLength(1);
    },
  },
  {
    id: 'F13b',
    rule: 'a failure without details that a later read confirms is redialed',
    run: async () => {
      const handle = await begin([{ post: { kind: 'says_failed', corrected: false } }, {}], {
        redial: { maxAttempts: 2, after: { failed: ['1m'] } },
      });
      expect((await cluster.result(handle)).attempts).toMatchObject([
        { outcome: 'failed' },
        { outcome: 'answered' },
      ]);
      const [first, second] = (await cluster.seen(handle)).posts.map(({ at }) => Date.parse(at));
      // After it settled: 330 s at 1:100.
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(3_300);
    },
  },
  {
    id: 'F28',
    rule: 'deliveries in reverse order also end an attempt, and it is redialed',
    run: async () => {
      const handle = await begin([{ phone: 'no_answer', webhooks: { reversed: true } }, {}], {
        redial: UNTIL_ANSWERED,
      });
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'answered',
        attempts: [{ outcome: 'no_answer' }, { outcome: 'answered' }],
      });
    },
  },
  {
    id: 'F29',
    rule: 'a late delivery about attempt 1 during attempt 2 affects only attempt 1',
    run: async () => {
      const handle = await begin([{ phone: 'no_answer' }, { phone: 'stuck_ringing' }], {
        redial: UNTIL_ANSWERED,
      });
      await until(async () => (await cluster.view(handle)).attempt === 2);
      await phaseOf(handle, 'ringing');
      const [first, second] = await dials(handle);
      await cluster.control('deliver', { callId: first?.callId, event: 'call.ended' });
      const view = await cluster.view(handle);
      expect(view).toMatchObject({ phase: 'ringing', attempt: 2, callId: second?.callId });
      const end = { status: 'ended', duration_seconds: 8, outcome: 'answered' };
      await cluster.control(`calls/${second?.callId}/end`, end);
      expect((await cluster.result(handle)).attempts).toMatchObject([
        { callId: first?.callId, outcome: 'no_answer' },
        { callId: second?.callId, outcome: 'answered' },
      ]);
    },
  },
  {
    id: 'F42',
    rule: 'two calls with one number: each delivery affects its own attempt',
    run: async () => {
      const number = `+1415555${nextNumber++}`;
      await cluster.plan({ numbers: { [number]: [{ phone: 'busy' }, {}] } });
      const handles = [
        await cluster.start(taskQueue, inputFor(number)),
        await cluster.start(taskQueue, inputFor(number)),
      ];
      for (const handle of handles) {
        const { callId } = await cluster.result(handle);
        expect((await dials(handle)).map((dial) => dial.callId)).toEqual([callId]);
      }
    },
  },
  {
    id: 'F43',
    rule: 'a read that is older than an incomplete delivery is repeated',
    run: async () => {
      const handle = await begin({
        webhooks: { events: ['call.ended'], shape: 'W2' },
        read: { says: ['in-progress', 'in-progress'] },
      });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
    },
  },
  {
    id: 'F45/redial-wait',
    rule: 'cancelled between attempts: prevented, with the dialed attempts in the result',
    run: async () => {
      const redial = { maxAttempts: 2, after: { busy: ['30d'] } };
      const handle = await begin({ phone: 'busy' }, { redial });
      await phaseOf(handle, 'redial_wait');
      await handle.cancel();
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'cancelled',
        cancellation: 'prevented',
        attempts: [{ outcome: 'busy' }],
      });
      expect(await dials(handle)).toHaveLength(1);
    },
  },
  {
    id: 'stop/redial-wait',
    rule: 'stopped between attempts: the last outcome, no further dial',
    run: async () => {
      const redial = { maxAttempts: 2, after: { busy: ['30d'] } };
      const handle = await begin({ phone: 'busy' }, { redial });
      await phaseOf(handle, 'redial_wait');
      await handle.executeUpdate('stop', { args: [{ reason: 'paid' }] });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'busy' });
      expect(await dials(handle)).toHaveLength(1);
    },
  },
  {
    id: 'redialNow',
    rule: 'redialNow ends the wait between attempts',
    run: async () => {
      const redial = { maxAttempts: 2, after: { busy: ['30d'] } };
      const handle = await begin([{ phone: 'busy' }, {}], { redial });
      await phaseOf(handle, 'redial_wait');
      await handle.executeUpdate('redialNow');
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
      expect(await dials(handle)).toHaveLength(2);
    },
  },
  {
    id: 'F52',
    rule: 'redialNow outside the calling hours does not dial, and the answer contains when they open',
    run: async () => {
      const handle = await begin({}, { window: shutWindow() });
      const { nextAt } = await phaseOf(handle, 'waiting');
      const view = await handle.executeUpdate<CallView, []>('redialNow');
      expect(view).toMatchObject({
        phase: 'waiting',
        nextAt,
        because: expect.stringMatching(/calling window/),
      });
      expect(Date.parse(nextAt ?? '')).toBeGreaterThan(Date.now() + HOUR / 2);
      expect((await cluster.seen(handle)).posts).toHaveLength(0);
      await handle.executeUpdate('stop', { args: [{}] });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'cancelled', attempts: [] });
    },
  },
  {
    id: 'window/expiry',
    rule: 'the calling hours open after expiresAt: expired, 0 dials',
    run: async () => {
      const expiresAt = new Date(Date.now() + HOUR).toISOString();
      const handle = await begin({}, { window: shutWindow(), expiresAt });
      expect(await cluster.result(handle)).toEqual({ outcome: 'expired', attempts: [] });
      expect((await cluster.seen(handle)).posts).toHaveLength(0);
    },
  },
  {
    id: 'expired',
    rule: 'expiresAt is in the past: expired, 0 dials',
    run: async () => {
      const handle = await begin({}, { expiresAt: new Date(Date.now() - 1_000).toISOString() });
      expect(await cluster.result(handle)).toEqual({ outcome: 'expired', attempts: [] });
    },
  },
  {
    id: 'notBefore',
    rule: 'no dial before notBefore',
    run: async () => {
      const notBeforeMs = Date.now() + 2_500;
      const handle = await begin({}, { notBefore: new Date(notBeforeMs).toISOString() });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
      const { posts } = await cluster.seen(handle);
      expect(Date.parse(posts[0]?.at ?? '')).toBeGreaterThanOrEqual(notBeforeMs);
    },
  },
  {
    id: 'reschedule/sooner',
    rule: 'reschedule shortens a wait',
    run: async () => {
      const notBefore = new Date(Date.now() + HOUR).toISOString();
      const handle = await begin({}, { notBefore });
      await phaseOf(handle, 'waiting');
      const sooner = new Date(Date.now() + 500).toISOString();
      await handle.executeUpdate('reschedule', { args: [{ notBefore: sooner }] });
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
    },
  },
  {
    id: 'reschedule/later',
    rule: 'reschedule extends a wait, and the answer contains its end',
    run: async () => {
      const handle = await begin({}, { notBefore: new Date(Date.now() + HOUR).toISOString() });
      await phaseOf(handle, 'waiting');
      const notBefore = new Date(Date.now() + 2 * HOUR).toISOString();
      const view = await handle.executeUpdate<CallView, [object]>('reschedule', {
        args: [{ notBefore }],
      });
      expect(view).toMatchObject({ phase: 'waiting', nextAt: notBefore });
      await handle.cancel();
      await cluster.result(handle);
    },
  },
  {
    id: 'refusals',
    rule: 'an update that is not possible now is rejected with NotNow, an invalid one with InvalidInput',
    run: async () => {
      const handle = await begin({ phone: 'stuck_ringing' });
      await phaseOf(handle, 'ringing');
      const typeOf = async (update: Promise<unknown>) => {
        const error: unknown = await update.catch((thrown: unknown) => thrown);
        if (!(error instanceof WorkflowUpdateFailedError)) throw new Error('It was taken');
        return (error.cause as { type?: string }).type;
      };
      expect(await typeOf(handle.executeUpdate('redialNow'))).toBe('NotNow');
      expect(await typeOf(handle.executeUpdate('resolve', { args: [{ dialled: false }] }))).toBe(
        'NotNow',
      );
      await handle.terminate();
      const waiting = await begin({}, { notBefore: new Date(Date.now() + HOUR).toISOString() });
      await phaseOf(waiting, 'waiting');
      const bad = waiting.executeUpdate('reschedule', { args: [{ notBefore: 'tomorrow' }] });
      expect(await typeOf(bad)).toBe('InvalidInput');
      await waiting.terminate();
    },
  },
  {
    id: 'artifacts',
    rule: 'reads continue after the end of a call until the transcript is available',
    run: async () => {
      const handle = await begin({ artifactsAfterMs: 1_500 }, { completion: { artifacts: '10m' } });
      const result = await cluster.result(handle);
      expect(result.call?.transcript).not.toBeNull();
      expect(result.outcome).toBe('answered');
    },
  },
  {
    id: 'held',
    rule: 'a run that is held for credits shows that, and redialNow tries immediately',
    run: async () => {
      const broke = { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false };
      const expiresAt = new Date(Date.now() + 10 * HOUR).toISOString();
      const broken = { post: broke };
      // The fifth hold lasts 9.6 s at 1:100, which is long enough to interrupt.
      const plans = [broken, broken, broken, broken, broken, {}];
      const handle = await begin(plans, { expiresAt });
      const view = await until(async () => {
        const now = await cluster.view(handle);
        return now.phase === 'held' && (await cluster.seen(handle)).posts.length === 5 && now;
      });
      expect(view).toMatchObject({ because: expect.stringContaining('insufficient_credits') });
      expect(view.can).toEqual(expect.arrayContaining(['redialNow', 'reschedule', 'stop']));
      await handle.executeUpdate('redialNow');
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
    },
  },
];

/** A dial check. Each row selects its answer with a label. */
let check: Server;
const asked: { reference: string; numberHash: string; phoneNumber?: string }[] = [];

async function startCheck(): Promise<string> {
  check = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = JSON.parse(Buffer.concat(chunks).toString());
      asked.push(request);
      const { check: planned } = request.labels as { check?: string };
      if (planned === 'nothing') return;
      const isSecond = request.attempt > 1;
      const answer =
        planned === 'no-later' && isSecond
          ? { dial: false, reason: 'opted out' }
          : planned === 'later' &&
              asked.filter(({ reference }) => reference === request.reference).length === 1
            ? { notBefore: new Date(Date.now() + 1_500).toISOString() }
            : { dial: true };
      outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  check.listen(0, '127.0.0.1');
  await once(check, 'listening');
  return `http://127.0.0.1:${(check.address() as AddressInfo).port}/may-dial`;
}

let checked: string;

const checkRows: readonly Row[] = [
  {
    id: 'F53/no',
    rule: 'the check forbids the call between attempts: suppressed, with the dialed attempts, no further dial',
    run: async () => {
      const handle = await begin(
        { phone: 'busy' },
        { redial: { maxAttempts: 3, after: { busy: ['1m'] } }, labels: { check: 'no-later' } },
        checked,
      );
      expect(await cluster.result(handle)).toMatchObject({
        outcome: 'suppressed',
        attempts: [{ number: 1, outcome: 'busy' }],
      });
      expect(await dials(handle)).toHaveLength(1);
    },
  },
  {
    id: 'F53/hangs',
    rule: 'the check does not answer: deferred, 0 dials',
    run: async () => {
      const handle = await begin({}, { labels: { check: 'nothing' } }, checked);
      await phaseOf(handle, 'waiting');
      expect((await cluster.seen(handle)).posts).toHaveLength(0);
      await handle.cancel();
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'cancelled' });
    },
  },
  {
    id: 'F53/later',
    rule: 'the check returns an instant: dialed then',
    run: async () => {
      const startMs = Date.now();
      const handle = await begin({}, { labels: { check: 'later' } }, checked);
      expect(await cluster.result(handle)).toMatchObject({ outcome: 'answered' });
      const { posts } = await cluster.seen(handle);
      expect(Date.parse(posts[0]?.at ?? '') - startMs).toBeGreaterThanOrEqual(1_500);
      const request = asked.find(({ reference }) => reference.includes(handle.workflowId));
      expect(request?.numberHash).toMatch(/^[0-9a-f]{64}$/);
      expect(request).not.toHaveProperty('phoneNumber');
    },
  },
];

runRows([...rows, ...checkRows], async () => {
  cluster = await startCluster();
  ({ taskQueue } = await cluster.worker());
  const url = await startCheck();
  const settings = { TRUEDY_DIAL_CHECK_URL: url };
  checked = (await cluster.worker(undefined, settings)).taskQueue;
});

afterAll(async () => {
  check.closeAllConnections();
  check.close();
  await cluster.stop();
});
