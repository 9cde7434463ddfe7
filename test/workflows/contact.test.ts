import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { ContactAnswer, ContactAsk } from '../../src/call/contact/contact';
import type { ContactPolicy } from '../../src/call/contact/policy';
import type { CallResult } from '../../src/call/api-types';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { optOut } from '../../src/client/opt-out';
import { optIn } from '../../src/workflows/messages';
import { CONTACT_KEY, inputFor, startRig, until, type Rig } from '../support/rig';
import { hangUp, inPhase, PATIENT, UNTIL_HANG_UP } from '../support/steer';

const UTC = { timeZone: 'UTC' };
/** Answered by the simulator, at other numbers of its range. */
let numbers = 0;
const nextNumber = () => `+1415555${String(2_000 + (numbers += 1))}`;

async function withRig<T>(
  policy: Partial<ContactPolicy>,
  use: (rig: Rig) => Promise<T>,
): Promise<T> {
  const rig = await startRig({ contactPolicy: { ...UTC, ...policy } });
  try {
    return await use(rig);
  } finally {
    await rig.stop();
  }
}

function contactOf(rig: Rig, number: string) {
  const workflowId = contactWorkflowId(CONTACT_KEY, number);
  return {
    workflowId,
    handle: rig.client.workflow.getHandle(workflowId),
    read: () => readContact(rig.client, workflowId),
  };
}

const results = (handles: readonly WorkflowHandle[]): Promise<readonly CallResult[]> =>
  Promise.all(handles.map((handle) => handle.result()));

it('serves ten runs for one person, with never two calls at a time', async () => {
  await withRig({ concurrent: 1 }, async (rig) => {
    const number = nextNumber();
    const input = inputFor(number);
    const handles = await Promise.all(Array.from({ length: 10 }, () => rig.start(input)));
    expect((await results(handles)).map(({ outcome }) => outcome)).toEqual(
      Array.from({ length: 10 }, () => 'answered'),
    );
    const { dials } = await rig.ledger();
    const times = dials.filter((dial) => dial.number === number).map(({ at }) => Date.parse(at));
    expect(times).toHaveLength(10);
    const contact = await contactOf(rig, number).read();
    expect(contact).toMatchObject({ open: [], waiting: [] });
    expect(contact.dials).toHaveLength(10);
    // The simulator's calls last 150 ms and more.
    const gaps = times
      .sort((a, b) => a - b)
      .slice(1)
      .map((at, index) => at - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(100);
    expect(JSON.stringify(contact)).not.toContain(number.slice(-7));
  });
}, 120_000);

it('keeps the gap and the cap of a day', async () => {
  // At 1:100 the gap is 3 s.
  await withRig({ minGapMs: 300_000, perDay: 2 }, async (rig) => {
    const number = nextNumber();
    const handles = await Promise.all(Array.from({ length: 3 }, () => rig.start(inputFor(number))));
    const contact = contactOf(rig, number);
    await until(async () => (await contact.read().catch(() => undefined))?.dials.length === 2);
    const waiting = await until(async () => {
      const now = await Promise.all(handles.map((handle) => rig.view(handle)));
      const isMidnight = ({ nextAt = '' }) => nextAt.endsWith('T00:00:00.000Z');
      return now.find((view) => view.phase === 'waiting' && isMidnight(view));
    });
    expect(waiting.because).toMatch(/^Nothing was sent: contact limit \(.*perDay\)\.$/);
    const { dials } = await rig.ledger();
    const times = dials.filter((dial) => dial.number === number).map(({ at }) => Date.parse(at));
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(times).toHaveLength(2);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3_000);
    // Nothing else ends its wait, and a canceled run leaves nothing behind.
    await rig.client.workflow.getHandle(waiting.workflowId).cancel();
    await results(handles);
    expect(await contact.read()).toMatchObject({ open: [], waiting: [] });
  });
});

it('still ends a waiting run at expiresAt', async () => {
  await withRig({ perDay: 1 }, async (rig) => {
    const number = nextNumber();
    await rig.run(inputFor(number));
    const expiresAt = new Date(Date.now() + 3_000).toISOString();
    const result = await rig.run(inputFor(number, { expiresAt }));
    expect(result).toMatchObject({ outcome: 'expired', attempts: [] });
  });
});

it('suppresses a waiting run after an opt-out, and allows calls after an opt-in', async () => {
  await withRig({ concurrent: 1 }, async (rig) => {
    const number = nextNumber();
    await rig.plan({ defaults: { phone: 'stuck_in_progress' } });
    const live = await rig.start(inputFor(number));
    await inPhase(live, 'queued', 'ringing', 'in_progress');
    const waiting = await rig.start(inputFor(number));
    await inPhase(waiting, 'waiting');
    const { handle, read } = contactOf(rig, number);
    await optOut(rig.client, number, {
      reason: 'asked by email',
      key: CONTACT_KEY,
      taskQueue: rig.taskQueue,
    });
    // Woken by the opt-out, long before the other call ends.
    const result = await waiting.result();
    expect(result).toMatchObject({ outcome: 'suppressed', attempts: [] });
    expect((await rig.seen(waiting)).posts).toEqual([]);
    expect((await read()).optOuts).toMatchObject([{ reason: 'asked by email' }]);
    await handle.executeUpdate(optIn, { args: [{}] });
    const next = await rig.start(inputFor(number));
    expect((await inPhase(next, 'waiting')).because).toMatch(/contact limit \(concurrent\)/);
    await Promise.all([live, next].map((one) => one.terminate()));
  });
});

it('counts a dial although the contact workflow was terminated during the call', async () => {
  await withRig({ concurrent: 1, perDay: 1 }, async (rig) => {
    const number = nextNumber();
    const live = await rig.start(inputFor(number, { completion: { mode: 'poll' } }));
    const { handle, read } = contactOf(rig, number);
    await until(async () => (await read().catch(() => undefined))?.open.length === 1);
    await handle.terminate();
    await live.result();
    expect(await read()).toMatchObject({ open: [], dials: [{ outcome: 'answered' }] });
  });
});

it('dials nothing while no worker answers for the contact, and gives the late reservation back', async () => {
  await withRig({ concurrent: 1 }, async (rig) => {
    const number = nextNumber();
    const { workflowId, read } = contactOf(rig, number);
    // A contact on a queue without workers.
    const taskQueue = `nobody-${randomUUID()}`;
    await rig.client.workflow.start('ContactWorkflow', { workflowId, taskQueue });
    const handle = await rig.start(inputFor(number));
    const view = await until(async () => {
      const now = await rig.view(handle);
      return /could not check the contact limits/.test(now.because) ? now : undefined;
    });
    expect(view.phase).toBe('waiting');
    expect((await rig.seen(handle)).posts).toEqual([]);
    await rig.client.workflow.getHandle(workflowId).terminate();
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    expect(await read()).toMatchObject({ open: [], dials: [{ outcome: 'answered' }] });
  });
});

it('gives a refused request back, uncounted', async () => {
  await withRig({ perDay: 1 }, async (rig) => {
    const number = nextNumber();
    await rig.plan({ defaults: { post: { kind: 'answer', status: 422 } } });
    await expect(rig.run(inputFor(number))).rejects.toThrow();
    await rig.plan({ defaults: {} });
    expect(await contactOf(rig, number).read()).toMatchObject({ open: [], dials: [] });
    expect(await rig.run(inputFor(number))).toMatchObject({ outcome: 'answered' });
  });
});

it('adds one event to a call, and none without a policy', async () => {
  const count = async (policy?: Partial<ContactPolicy>) => {
    const rig = await startRig(policy ? { contactPolicy: { ...UTC, ...policy } } : {});
    try {
      const number = nextNumber();
      await rig.plan({ defaults: UNTIL_HANG_UP });
      const handle = await rig.start(inputFor(number, PATIENT));
      await hangUp(rig, handle);
      await handle.result();
      const contact = contactOf(rig, number).handle;
      return {
        all: (await rig.eventsOnAnIdleMachine(handle)).length,
        call: (await rig.eventsWithoutTasks(handle)).length,
        contact: policy ? await rig.eventsWithoutTasks(contact) : [],
      };
    } finally {
      await rig.stop();
    }
  };
  const off = await count();
  const on = await count({ perDay: 3 });
  expect(off.all).toBeLessThanOrEqual(20);
  expect(on.call - off.call).toBe(1);
  expect([...on.contact].sort()).toEqual([
    'TIMER_STARTED',
    'WORKFLOW_EXECUTION_SIGNALED',
    'WORKFLOW_EXECUTION_STARTED',
    'WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
    'WORKFLOW_EXECUTION_UPDATE_COMPLETED',
  ]);
});

it('wakes the next run if the one before was terminated after it was woken', async () => {
  await withRig({ concurrent: 1 }, async (rig) => {
    const number = nextNumber();
    const { handle } = contactOf(rig, number);
    await rig.run(inputFor(number));
    const taskQueue = `nobody-${randomUUID()}`;
    // Runs that ask once and never again.
    const asker = async (name: string) => {
      const workflowId = `call/${name}-${randomUUID()}`;
      const run = await rig.client.workflow.start('OutboundCallWorkflow', {
        workflowId,
        taskQueue,
      });
      const reference = `default/${workflowId}#1`;
      const sendByMs = Date.now() + 600_000;
      const spans = { days: [], weeks: [], limits: { concurrent: 1 } };
      const ask = { reference, sendByMs, leaseMs: 900_000, askAgainMs: 300_000, ...spans };
      const { kind } = await handle.executeUpdate<ContactAnswer, [ContactAsk]>('reserve', {
        args: [ask],
      });
      return { run, workflowId, reference, kind };
    };
    const isWoken = async ({ workflowId }: { readonly workflowId: string }) => {
      const { events } = await handle.fetchHistory();
      return events?.some(
        (event) =>
          event.signalExternalWorkflowExecutionInitiatedEventAttributes?.workflowExecution
            ?.workflowId === workflowId,
      );
    };
    const first = await asker('first');
    const second = await asker('second');
    const third = await asker('third');
    expect([first.kind, second.kind, third.kind]).toEqual(['reserved', 'not_before', 'not_before']);
    await handle.signal('release', { reference: first.reference });
    await until(() => isWoken(second));
    await second.run.terminate();
    await handle.signal('release', { reference: first.reference });
    await until(() => isWoken(third));
    await Promise.all([first, third].map(({ run }) => run.terminate()));
  });
});
