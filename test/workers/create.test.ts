import { Worker } from '@temporalio/worker';
import { startRig } from '../support/rig';

afterEach(() => {
  jest.restoreAllMocks();
});

it('the SDK gives a step of a workflow task a minute, so that a frozen process is not hit when it continues', async () => {
  const created = jest.spyOn(Worker, 'create');
  const rig = await startRig();
  try {
    const workers = await Promise.all(
      created.mock.results.map(({ value }) => value as Promise<Worker>),
    );
    const limits = workers.map(({ options }) => options.isolateExecutionTimeoutMs);
    // The other worker runs no workflows.
    expect(new Set(limits)).toEqual(new Set([5_000, 60_000]));
  } finally {
    await rig.stop();
  }
});
