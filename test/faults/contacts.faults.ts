import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { optOut } from '../../src/client/opt-out';
import type { Contact } from '../../src/call/contact/contact';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { inputFor, until } from '../support/rig';
import { inPhase } from '../support/steer';
import { startCluster, type Cluster } from './support/cluster';
import { runRows, type Row } from './support/rows';

/** The limits of a person while workers and the server are killed: real processes, and every dial counted by the vendor. */
let cluster: Cluster;
let nextNumber = 4000;

const KEY = 'a-key-of-the-contact-rows';
const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };
const SILENT = { webhooks: { events: [] } };
const STUCK = { phone: 'stuck_in_progress' };
/** By default as many as two cores call in about a minute, in two rounds. `CONTACT_PEOPLE` sets another number. */
const PEOPLE = Number(process.env['CONTACT_PEOPLE'] ?? 170);
const BUSY = 50;
/** At 1:100. */
const GAP_MS = 3_000;

function settings(policy: object) {
  return { TRUEDY_CONTACT_POLICY: JSON.stringify(policy), TRUEDY_CONTACT_KEY: KEY };
}

/** A person whose phone follows the plans, one for each request. */
async function newPerson(...plans: object[]) {
  const number = `+1415555${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plans } });
  const workflowId = contactWorkflowId(KEY, number);
  return {
    number,
    call: (taskQueue: string, rest: Parameters<typeof inputFor>[1] = {}) =>
      cluster.start(taskQueue, inputFor(number, { ...rest, call: SHORT })),
    contact: (): Promise<Contact> =>
      until(() => readContact(cluster.client, workflowId).catch(() => undefined)),
    /** From when to when each call was live, by the vendor's records. */
    async calls() {
      const { dials } = await cluster.ledger();
      const answer = await fetch(`${cluster.origin}/_sim/calls`);
      const { calls } = (await answer.json()) as {
        calls: { callId: string; endedAt: string | null }[];
      };
      return dials
        .filter((dial) => dial.number === number)
        .map(({ at, callId }) => {
          const { endedAt } = calls.find((call) => call.callId === callId) ?? {};
          return { callId, dialedMs: Date.parse(at), endedMs: Date.parse(endedAt ?? '') };
        })
        .sort((a, b) => a.dialedMs - b.dialedMs);
    },
  };
}
type Person = Awaited<ReturnType<typeof newPerson>>;

/** Between the end of each call and the next dial. */
async function pauses(person: Person): Promise<readonly number[]> {
  const calls = await person.calls();
  return calls.slice(1).map(({ dialedMs }, place) => dialedMs - (calls[place]?.endedMs ?? 0));
}

const outcomesOf = async (handles: readonly WorkflowHandle[]) =>
  (await Promise.all(handles.map((handle) => cluster.result(handle)))).map(
    ({ outcome }) => outcome,
  );

async function hangUp(person: Person): Promise<void> {
  const end = { status: 'ended', duration_seconds: 9, outcome: 'answered' };
  for (const { callId, endedMs } of await person.calls()) {
    if (Number.isNaN(endedMs)) await cluster.control(`calls/${callId}/end`, end);
  }
}

/** The ids of the events that a run can be reset to. */
async function resetPoints(handle: WorkflowHandle): Promise<readonly number[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes)
    .map(({ eventId }) => Number(eventId));
}

async function reset({ workflowId }: WorkflowHandle, runId: string, point: number): Promise<void> {
  await cluster.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    workflowTaskFinishEventId: point as never,
    requestId: randomUUID(),
    reason: 'fault row',
  });
}

/** A call that is live, and others that wait for it. */
async function liveAndWaiting(person: Person, taskQueue: string, count: number) {
  const live = await person.call(taskQueue);
  await inPhase(live, 'queued', 'ringing', 'in_progress');
  const waiting = await Promise.all(Array.from({ length: count }, () => person.call(taskQueue)));
  await Promise.all(waiting.map((one) => inPhase(one, 'waiting')));
  return { live, waiting };
}

const rows: readonly Row[] = [
  {
    id: 'P1',
    rule: 'worker SIGKILLed between the reservation and the send: it counts, and the next call keeps the gap',
    run: async () => {
      const policy = settings({ concurrent: 1, minGap: '5m', perDay: 2 });
      const person = await newPerson(SILENT);
      const first = await cluster.worker(undefined, { ...policy, CRASH_POINT: 'before-send' });
      const lost = await person.call(first.taskQueue);
      await first.ended;
      await cluster.worker(first.taskQueue, policy);
      const next = await person.call(first.taskQueue);
      expect(await outcomesOf([lost, next])).toEqual(['unknown', 'answered']);
      const [one, two] = (await person.contact()).dials;
      expect([one?.outcome, two?.outcome]).toEqual(['unknown', 'answered']);
      expect((two?.fromMs ?? 0) - (one?.toMs ?? 0)).toBeGreaterThanOrEqual(GAP_MS);
      const calls = await person.calls();
      expect(calls).toHaveLength(1);
      // After the instant at which the lost request could have been sent.
      expect((calls[0]?.dialedMs ?? 0) - (one?.toMs ?? 0)).toBeGreaterThanOrEqual(GAP_MS);
      const expiresAt = new Date(Date.now() + 2_000).toISOString();
      const third = await person.call(first.taskQueue, { expiresAt });
      expect(await outcomesOf([third])).toEqual(['expired']);
    },
  },
  {
    id: 'P2',
    rule: 'worker SIGKILLed after the send: the next call waits for the end of the one that is found',
    run: async () => {
      const policy = settings({ concurrent: 1 });
      const person = await newPerson({ ...SILENT, times: { endMs: 30_000 } }, {});
      const first = await cluster.worker(undefined, { ...policy, CRASH_POINT: 'before-complete' });
      const lost = await person.call(first.taskQueue);
      await first.ended;
      await cluster.worker(first.taskQueue, policy);
      const next = await person.call(first.taskQueue);
      expect(await outcomesOf([lost, next])).toEqual(['answered', 'answered']);
      expect(Math.min(...(await pauses(person)))).toBeGreaterThan(0);
      expect(await person.contact()).toMatchObject({ open: [], waiting: [], dials: [{}, {}] });
    },
  },
  {
    id: 'P3',
    rule: 'worker SIGKILLed while 5 calls wait: they are dialed one after the other',
    run: async () => {
      const policy = settings({ concurrent: 1 });
      const person = await newPerson(STUCK, {});
      const first = await cluster.worker(undefined, policy);
      const { live, waiting } = await liveAndWaiting(person, first.taskQueue, 5);
      await first.kill('SIGKILL');
      await hangUp(person);
      await cluster.worker(first.taskQueue, policy);
      expect(await outcomesOf([live, ...waiting])).toEqual(Array(6).fill('answered'));
      const found = await pauses(person);
      expect(found).toHaveLength(5);
      expect(Math.min(...found)).toBeGreaterThan(0);
      expect(await person.contact()).toMatchObject({ open: [], waiting: [] });
    },
  },
  {
    id: 'P4',
    rule: 'a closed run reset to each of its points: its dial counts once',
    run: async () => {
      const person = await newPerson(SILENT);
      const { taskQueue } = await cluster.worker(undefined, settings({ concurrent: 1, perDay: 2 }));
      const handle = await person.call(taskQueue, { completion: { mode: 'poll' } });
      await cluster.result(handle);
      const { runId } = await handle.describe();
      for (const point of await resetPoints(handle)) {
        await reset(handle, runId, point);
        await cluster.client.workflow.getHandle(handle.workflowId).result();
      }
      expect(await person.calls()).toHaveLength(1);
      expect(await person.contact()).toMatchObject({ open: [], dials: [{ outcome: 'answered' }] });
      expect((await person.contact()).dials).toHaveLength(1);
      expect(await outcomesOf([await person.call(taskQueue)])).toEqual(['answered']);
    },
  },
  {
    id: 'P5',
    rule: 'a run reset while its call is live: another call still waits for the end',
    run: async () => {
      const person = await newPerson({ ...STUCK, ...SILENT }, {});
      const { taskQueue } = await cluster.worker(undefined, settings({ concurrent: 1 }));
      const { live, waiting } = await liveAndWaiting(person, taskQueue, 1);
      const [point = 0] = await resetPoints(live);
      await reset(live, (await live.describe()).runId, point);
      const again = cluster.client.workflow.getHandle(live.workflowId);
      await inPhase(again, 'queued', 'ringing', 'in_progress');
      await Promise.all(waiting.map((one) => one.executeUpdate('redialNow')));
      await Promise.all(waiting.map((one) => inPhase(one, 'waiting')));
      expect(await person.calls()).toHaveLength(1);
      await hangUp(person);
      expect(await outcomesOf([again, ...waiting])).toEqual(['answered', 'answered']);
      expect(Math.min(...(await pauses(person)))).toBeGreaterThan(0);
      expect((await person.contact()).dials).toHaveLength(2);
    },
  },
];

describe('the limits of a person', () => {
  runRows(rows, async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  it('P6 the server SIGKILLed with a waiting queue and an opt-out: one call at a time, and none after the opt-out', async () => {
    const { taskQueue } = await cluster.worker(undefined, settings({ concurrent: 1 }));
    const person = await newPerson(STUCK, {});
    const gone = await newPerson(STUCK);
    const { live, waiting } = await liveAndWaiting(person, taskQueue, 5);
    await optOut(cluster.client, gone.number, { key: KEY, taskQueue });
    await cluster.server.kill('SIGKILL');
    await cluster.server.restart();
    const suppressed = await gone.call(taskQueue);
    await hangUp(person);
    expect(await outcomesOf([live, ...waiting])).toEqual(Array(6).fill('answered'));
    const found = await pauses(person);
    expect(found).toHaveLength(5);
    expect(Math.min(...found)).toBeGreaterThan(0);
    expect(await outcomesOf([suppressed])).toEqual(['suppressed']);
    expect(await gone.calls()).toEqual([]);
  });

  it(`P7 ${PEOPLE} people beside one who is called ${BUSY} times: not held up by that one`, async () => {
    const { taskQueue } = await cluster.worker(undefined, settings({ concurrent: 1 }));
    const callAll = (numbers: readonly string[]) =>
      Promise.all(
        numbers.map(async (number) => {
          const startedMs = Date.now();
          const handle = await cluster.start(taskQueue, inputFor(number, { call: SHORT }));
          return { number, startedMs, handle };
        }),
      );
    /** The median time from the start of a call to its dial. */
    const medianWait = async (calls: Awaited<ReturnType<typeof callAll>>) => {
      await outcomesOf(calls.map(({ handle }) => handle));
      const dialed = new Map<string, number>();
      for (const { number, at } of (await cluster.ledger()).dials)
        dialed.set(number, Date.parse(at));
      const waits = calls
        .map(({ number, startedMs }) => (dialed.get(number) ?? Infinity) - startedMs)
        .sort((a, b) => a - b);
      return waits[Math.floor(waits.length / 2)] ?? Infinity;
    };
    const newNumbers = (count: number) =>
      Array.from({ length: count }, () => `+1415555${nextNumber++}`);
    const [busy = ''] = newNumbers(1);
    const play = async (others: readonly string[]) => {
      const beside = callAll(others);
      const wait = await medianWait(await callAll(newNumbers(PEOPLE)));
      await Promise.all(
        (await beside).map(({ handle }) => handle.terminate().catch(() => undefined)),
      );
      return wait;
    };
    const alone = await play(newNumbers(BUSY));
    const withBusy = await play(newNumbers(BUSY).map(() => busy));
    process.stdout.write(
      `      from start to dial: ${alone} ms, with the busy one ${withBusy} ms\n`,
    );
    expect(withBusy / alone).toBeLessThan(2);
  });
});
