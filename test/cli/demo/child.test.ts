import { startChild } from '../../../src/cli/demo/child';

it('tells what a part said that did not get ready', async () => {
  const started = startChild('webhook/server', { TRUEDY_WEBHOOK_SECRETS: 'short' });
  await expect(started).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(
      /^TT6002 {2}webhook\/server did not get ready\. It said:\nTT2001 .*under 24 characters/,
    ),
  });
});
