import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { toTemporalLogger } from '../../src/runtime/log';
import { installRuntime } from '../../src/workers/run';
import { capturedLog } from '../support/captured-log';

const FOLDER = join(__dirname, '../histories');
const STORED = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let workflowBundle: { code: string };

beforeAll(async () => {
  const { log } = capturedLog();
  installRuntime(log);
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../src/workflows'),
    payloadConverterPath: require.resolve('../../src/temporal/payload-converter'),
    logger: toTemporalLogger(log),
  });
});

function stored(name: string): { events: Record<string, any>[] } {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

function replay(history: object): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle }, historyFromJSON(history));
}

describe('the workflow of this version', () => {
  it('has stored histories', () => {
    expect(STORED.length).toBeGreaterThanOrEqual(5);
  });

  it.each(STORED)('replays %s', async (name) => {
    await expect(replay(stored(name))).resolves.toBeUndefined();
  });

  it('does not replay a history with different commands', async () => {
    const history = stored('webhook.json');
    const scheduled = history.events.find(
      ({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    );
    if (scheduled === undefined) throw new Error('The history schedules no activity');
    scheduled['activityTaskScheduledEventAttributes'].activityType.name = 'dialTwice';
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
