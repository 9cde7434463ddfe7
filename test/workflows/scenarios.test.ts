import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputFor, startRig, type Rig } from '../support/rig';

/**
 * What each way of a call costs in history. The histories are stored under `test/histories` and replayed
 * by `replay.test.ts`; `UPDATE_HISTORIES=1 npx jest test/workflows/scenarios` makes them anew.
 */
const FOLDER = join(__dirname, '../histories');

let rig: Rig;

beforeAll(async () => {
  rig = await startRig();
});

afterAll(async () => {
  await rig.stop();
});

/** Runs one call to its end and returns its events. */
async function play(name: string, input: unknown): Promise<readonly string[]> {
  const handle = await rig.start(input);
  await handle.result();
  if (process.env['UPDATE_HISTORIES'] && rig.dialect === 'guide') {
    await writeFile(join(FOLDER, `${name}.json`), await rig.historyJson(handle));
  }
  return rig.events(handle);
}

function count(events: readonly string[], type: string): number {
  return events.filter((event) => event === type).length;
}

const endedOnly = { webhooks: { events: ['call.ended'] } };

describe('history', () => {
  it('holds 20 events for a call learned by one delivery', async () => {
    await rig.plan({ reset: true, defaults: endedOnly });
    const events = await play('webhook', inputFor('+14155550101'));
    expect(events).toHaveLength(20);
    expect(count(events, 'TIMER_STARTED')).toBe(1);
    expect(count(events, 'ACTIVITY_TASK_SCHEDULED')).toBe(1);
  });

  it('gives the request that rings one attempt, ever', async () => {
    await rig.plan({ reset: true });
    const handle = await rig.start(inputFor('+14155550101'));
    await handle.result();
    const { events } = await handle.fetchHistory();
    const policies = events
      ?.map(({ activityTaskScheduledEventAttributes: told }) => told)
      .filter((told) => told?.activityType?.name === 'placeCall')
      .map((told) => told?.retryPolicy?.maximumAttempts);
    expect(policies).toEqual([1]);
  });

  it('grows by 4 events with each further delivery', async () => {
    await rig.plan({ reset: true });
    const events = await play('webhook-progress', inputFor('+14155550101'));
    const deliveries = count(events, 'WORKFLOW_EXECUTION_SIGNALED');
    expect(events.length).toBeLessThanOrEqual(20 + 4 * (deliveries - 1));
  });

  it('holds at most 18 events where the delivery beats the answer', async () => {
    await rig.plan({
      reset: true,
      defaults: { webhooks: { events: ['call.ended'], early: 'call.ended' } },
    });
    const events = await play('webhook-early', inputFor('+14155550101'));
    expect(events.length).toBeLessThanOrEqual(18);
  });

  it('holds 20 events for a call learned by the poll, however often it asked', async () => {
    // Reads that fail change nothing, so only their number grows.
    const reads = { fail: { status: 503, times: 3 } };
    await rig.plan({ reset: true, defaults: { webhooks: { events: [] }, read: reads } });
    const input = inputFor('+14155550102', { completion: { mode: 'poll', pollEvery: '5s' } });
    expect(await play('poll', input)).toHaveLength(20);
    expect((await rig.requests()).filter(({ kind }) => kind === 'read')).toHaveLength(4);
  });

  it('holds 25 events where the grace runs out before the poll', async () => {
    await rig.plan({ reset: true, defaults: { webhooks: { events: [] } } });
    const input = inputFor('+14155550102', { completion: { grace: '60s' } });
    expect(await play('grace-then-poll', input)).toHaveLength(25);
  });
});
