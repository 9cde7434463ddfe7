import { ServiceError } from '@temporalio/client';
import { sendUntilReceived } from '../../../src/cli/shared/send-until-received';

/** What the client throws for a status of gRPC. */
function thrown(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
}

const UNHEARD = thrown(
  9,
  'Unable to perform workflow execution update due to unexpected workflow task failure.',
);

it('an update that the server did not hear is sent again', async () => {
  const send = jest.fn().mockRejectedValueOnce(UNHEARD).mockResolvedValueOnce('taken');
  expect(await sendUntilReceived(send)).toBe('taken');
  expect(send).toHaveBeenCalledTimes(2);
});

it('an update that is never heard is given up', async () => {
  const send = jest.fn().mockRejectedValue(UNHEARD);
  await expect(sendUntilReceived(send)).rejects.toBe(UNHEARD);
  expect(send.mock.calls.length).toBeLessThan(10);
});

it.each([
  ['no worker answers', thrown(9, 'no poller seen for task queue recently')],
  ['the server is away', thrown(14, 'unavailable')],
  ['the run refuses it', new Error('NotNow')],
])('an update is sent once where %s', async (_, error) => {
  const send = jest.fn().mockRejectedValue(error);
  await expect(sendUntilReceived(send)).rejects.toBe(error);
  expect(send).toHaveBeenCalledTimes(1);
});
