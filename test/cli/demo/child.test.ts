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
