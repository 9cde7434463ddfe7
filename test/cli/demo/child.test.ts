import { startChild } from '../../../src/cli/demo/child';

it('reports the output of a process that did not start', async () => {
  const started = startChild('webhook/server', { TRUEDY_WEBHOOK_SECRETS: 'short' });
  await expect(started).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      /^TT6002 {2}webhook\/server did not start\. Its output:\nTT2001 .*under 24 characters/,
    ),
  });
});

it('keeps what a process that became ready wrote to its stderr', async () => {
  const child = await startChild('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_WEBHOOK_URL: '',
    NODE_OPTIONS: '--trace-exit',
  });
  await child.kill('SIGTERM');
  expect(child.errors()).toMatch(/Exited the environment with code 0/);
});
