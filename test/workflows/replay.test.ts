import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { toTemporalLogger } from '../../src/runtime/log';
import { installRuntime } from '../../src/workers/run';
import { capturedLog } from '../support/captured-log';
import {
  CURRENT,
  readHistory,
  releasedVersions,
  storedHistories,
  storedVersions,
} from '../support/histories';

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

function replay(history: object): Promise<void> {
  return Worker.runReplayHistory({ workflowBundle }, historyFromJSON(history));
}

describe('the workflow of this version', () => {
  it.each([...new Set([CURRENT, ...releasedVersions()])])('has histories of %s', (version) => {
    // As CONTRIBUTING.md says: UPDATE_HISTORIES=1 npx jest test/workflows/scenarios test/workflows/chapters test/workflows/contact-history
    expect(storedHistories(version).length).toBeGreaterThanOrEqual(5);
  });

  it.each(storedVersions().flatMap(storedHistories))('replays %s', async (file) => {
    await expect(replay(readHistory(file))).resolves.toBeUndefined();
  });

  it('does not replay a history with different commands', async () => {
    const history = readHistory(`${CURRENT}/webhook.json`);
    const scheduled = history.events.find(
      ({ eventType }) => eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
    );
    if (scheduled === undefined) throw new Error('The history schedules no activity');
    scheduled['activityTaskScheduledEventAttributes'].activityType.name = 'dialTwice';
    await expect(replay(history)).rejects.toThrow(DeterminismViolationError);
  });
});
