import type { WorkflowHandle } from '@temporalio/client';
import { recordHistory } from '../support/histories';
import { inputFor, startRig, type Rig } from '../support/rig';
import { hangUp, PATIENT, UNTIL_HANG_UP } from '../support/steer';

/**
 * How many events each kind of call adds to history. The histories are stored in `test/histories/<version>` and replayed by
 * `replay.test.ts`. To create them again: `UPDATE_HISTORIES=1 npx jest test/workflows/scenarios`.
 */

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});

afterAll(async () => {
  await rig.stop();
});

/** Runs one call to its end, which `end` may bring about, and returns its events. */
async function play(
  name: string,
  input: unknown,
  end?: (handle: WorkflowHandle) => Promise<void>,
): Promise<readonly string[]> {
  const handle = await rig.start(input);
  await end?.(handle);
  await handle.result();
  if (rig.dialect === 'guide') await recordHistory(name, () => rig.historyJson(handle));
  return rig.eventsOnAnIdleMachine(handle);
}

function count(events: readonly string[], type: string): number {
  return events.filter((event) => event === type).length;
}

describe('history', () => {
  it('has 20 events if one delivery reports the result', async () => {
    await rig.plan({ reset: true, defaults: UNTIL_HANG_UP });
    const events = await play('webhook', inputFor('+14155550142', PATIENT), (handle) =>
      hangUp(rig, handle),
    );
    expect(events).toHaveLength(20);
    expect(count(events, 'TIMER_STARTED')).toBe(1);
    expect(count(events, 'ACTIVITY_TASK_SCHEDULED')).toBe(1);
  });

  it('allows one attempt of the activity that dials', async () => {
    await rig.plan({ reset: true });
    const handle = await rig.start(inputFor('+14155550101'));
    await handle.result();
    const { events } = await handle.fetchHistory();
    const policies = events
      ?.map(({ activityTaskScheduledEventAttributes: attributes }) => attributes)
      .filter((attributes) => attributes?.activityType?.name === 'placeCall')
      .map((attributes) => attributes?.retryPolicy?.maximumAttempts);
    expect(policies).toEqual([1]);
  });

  it('grows by 4 events with each further delivery', async () => {
    await rig.plan({ reset: true });
    const events = await play('webhook-progress', inputFor('+14155550101', PATIENT));
    const deliveries = count(events, 'WORKFLOW_EXECUTION_SIGNALED');
    expect(events.length).toBeLessThanOrEqual(20 + 4 * (deliveries - 1));
  });

  it('has at most 18 events if the delivery arrives before the response', async () => {
    await rig.plan({
      reset: true,
      defaults: { webhooks: { events: ['call.ended'], early: 'call.ended' } },
    });
    const events = await play('webhook-early', inputFor('+14155550101', PATIENT));
    expect(events.length).toBeLessThanOrEqual(18);
  });

  it('has 20 events if polling finds the result, however many reads it takes', async () => {
    // Failed reads add no events.
    const reads = { fail: { status: 503, times: 3 } };
    await rig.plan({ reset: true, defaults: { webhooks: { events: [] }, read: reads } });
    const input = inputFor('+14155550102', { completion: { mode: 'poll', pollEvery: '5s' } });
    expect(await play('poll', input)).toHaveLength(20);
    expect((await rig.requests()).filter(({ kind }) => kind === 'read')).toHaveLength(4);
  });

  it('has 25 events if the grace period ends before the poll', async () => {
    await rig.plan({ reset: true, defaults: { webhooks: { events: [] } } });
    const input = inputFor('+14155550102', { completion: { grace: '60s' } });
    expect(await play('grace-then-poll', input)).toHaveLength(25);
  });
});
