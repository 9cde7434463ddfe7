import { Worker } from '@temporalio/worker';
import { startRig } from '../support/rig';

afterEach(() => {
  jest.restoreAllMocks();
});

it('the SDK gets our limit of a step, so that a frozen process is not hit when it continues, and the size of the cache', async () => {
  const created = jest.spyOn(Worker, 'create');
  const rig = await startRig();
  try {
    const workers = await Promise.all(
      created.mock.results.map(({ value }) => value as Promise<Worker>),
    );
    const limits = workers.map(({ options }) => options.isolateExecutionTimeoutMs);
    // The other worker runs no workflows.
    expect(new Set(limits)).toEqual(new Set([5_000, 60_000]));
    expect(workers.map(({ options }) => options.maxCachedWorkflows)).toContain(300);
  } finally {
    await rig.stop();
  }
});
