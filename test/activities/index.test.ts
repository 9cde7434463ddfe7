import { createActivities } from '../../src/activities';
import {
  call,
  failureOf,
  NOW,
  NUMBER,
  REFERENCE,
  server,
  surroundings,
  vendor,
} from './support/environment';

/** The activities of a worker with time scale 30. A request fails the test. */
const activities = createActivities({
  truedy: vendor({
    readCall: async () => call({ record: { status: 'ended' } }),
    listCalls: async () => [],
  }),
  server: server(),
  mayDial: async () => 'yes',
  facts: { apiTaskQueue: 'api', searchAttributes: false, timeScale: 30 },
});

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});

afterEach(() => {
  jest.useRealTimers();
});

const requests = (timeScale: number) => {
  const ours = { callId: 'call_1', phoneNumber: NUMBER };
  const spans = { pollEveryMs: 1, placedAtMs: NOW, since: NOW, deadlineMs: NOW, lastMs: NOW };
  const pace = { mode: 'poll', timeScale, ...spans } as const;
  const read = { ...ours, known: null, until: 'change', dueMs: NOW, pace } as const;
  return {
    readCall: () => activities.readCall(read),
    findCall: () =>
      activities.findCall({ ...ours, reference: REFERENCE, offset: 0, dueMs: 0, timeScale }),
    lookCall: () => activities.lookCall({ ...ours, reference: REFERENCE, timeScale }),
  };
};

describe.each(['readCall', 'findCall', 'lookCall'] as const)('%s', (name) => {
  const run = (timeScale: number) =>
    surroundings().run(() => requests(timeScale)[name]() as Promise<unknown>);

  it('is made by a worker of the time scale it was asked at', async () => {
    await expect(run(30)).resolves.toBeDefined();
  });

  it('is left to another worker when it was asked at another time scale', async () => {
    expect(await failureOf(run(1))).toMatchObject({
      type: 'OtherTimeScale',
      nonRetryable: false,
      nextRetryDelay: 10_000,
      message: expect.stringMatching(/^TRUEDY_TIME_SCALE is 30 for this worker and was 1 /),
    });
  });
});
