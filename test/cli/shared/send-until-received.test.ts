import { ServiceError } from '@temporalio/client';
import { sendUntilReceived } from '../../../src/cli/shared/send-until-received';

/** The error that the client throws for a gRPC status. */
function thrown(code: number, details: string): ServiceError {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
}

const NOT_RECEIVED = thrown(
  9,
  'Unable to perform workflow execution update due to unexpected workflow task failure.',
);

it('sends an update again if the server did not receive it', async () => {
  const send = jest.fn().mockRejectedValueOnce(NOT_RECEIVED).mockResolvedValueOnce('accepted');
  expect(await sendUntilReceived(send)).toBe('accepted');
  expect(send).toHaveBeenCalledTimes(2);
});

it('gives up on an update that the server never receives', async () => {
  const send = jest.fn().mockRejectedValue(NOT_RECEIVED);
  await expect(sendUntilReceived(send)).rejects.toBe(NOT_RECEIVED);
  expect(send.mock.calls.length).toBeLessThan(10);
});

it.each([
  ['no worker polls', thrown(9, 'no poller seen for task queue recently')],
  ['the server is unavailable', thrown(14, 'unavailable')],
  ['the run rejects it', new Error('NotNow')],
])('sends an update only once if %s', async (_, error) => {
  const send = jest.fn().mockRejectedValue(error);
  await expect(sendUntilReceived(send)).rejects.toBe(error);
  expect(send).toHaveBeenCalledTimes(1);
});
