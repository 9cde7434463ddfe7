import { CONNECTIONS_CLOSED, type Case } from './facts';
import { withSecondRun } from './history';
import { judge } from './judge';
import {
  T0,
  post,
  dial,
  drawn,
  ended,
  ONE,
  TWO,
  LOST_ANSWER,
  CLOSED,
  CUT,
  LOST_WORKER,
  PAGE,
  READER_LOST,
  UNREAD,
  notDialed,
  report,
} from './judge-cases';

describe('a call that keeps every promise', () => {
  it.each<[string, Case]>([
    ['that is answered', ONE],
    ['that is redialed by its policy', TWO],
    ['whose answer was lost before the dial is unknown', LOST_ANSWER],
    ['that was found in the listing', CUT],
    [
      'whose listing was not read to its end before the deadline, because workers were lost',
      {
        ...CUT,
        runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
        history: { places: [], finds: [PAGE], taskFailures: [] },
        incidents: [LOST_WORKER, LOST_WORKER],
      },
    ],
    [
      'whose pages were lost with their workers is unknown, whatever a second run of its id finds',
      {
        ...CUT,
        runEnds: [
          ...ended('unknown', [{ number: 1, outcome: 'unknown' }]),
          ...CUT.runEnds.map((end) => ({ ...end, runId: 'second', closedMs: T0 + 90_000 })),
        ],
        actions: [
          { name: 'again', atMs: T0 + 61_000, answeredMs: T0 + 61_100, answer: 'accepted' },
        ],
        history: withSecondRun(
          { places: [], finds: [{ ...PAGE, how: 'timed_out' }], taskFailures: [] },
          {
            places: [],
            finds: [{ ...PAGE, scheduledMs: T0 + 70_000, closedMs: T0 + 70_100, matches: 1 }],
            taskFailures: [],
          },
        ),
      },
    ],
    [
      'whose connection was closed just as its request was written is unknown',
      { ...CLOSED, incidents: [{ text: CONNECTIONS_CLOSED, atMs: T0, untilMs: T0 + 500 }] },
    ],
    [
      'whose only read was lost with its worker is unknown',
      { ...UNREAD, incidents: [READER_LOST] },
    ],
    [
      'in progress that the vendor reports as failed was answered, also by a voicemail',
      { ...ONE, drawn: drawn([{ phone: 'voicemail', read: { says: ['failed'] } }]) },
    ],
    [
      'whose worker was frozen within a task',
      {
        ...CUT,
        history: {
          places: [],
          finds: [],
          taskFailures: [{ message: 'Script execution timed out after 5000ms', atMs: T0 + 9_000 }],
        },
        incidents: [{ text: 'a worker is frozen for 7000 ms', atMs: T0, untilMs: T0 + 7_000 }],
      },
    ],
    [
      'that was sent again after 429',
      {
        ...ONE,
        drawn: drawn([
          { post: { kind: 'answer', status: 429, dials: false, as: 'vendor', afterMs: 0 } },
          {},
        ]),
        posts: [post(0, { status: 429, fault: 'answer' }), post(1)],
      },
    ],
    [
      'that the vendor dialed twice',
      {
        ...ONE,
        drawn: drawn([{ post: { kind: 'dials_twice' } }]),
        posts: [post(1, { fault: 'dials_twice' })],
        dials: [dial(1), dial(1, { callId: 'call_9' })],
      },
    ],
    [
      'without outcomes from the vendor',
      {
        ...TWO,
        runEnds: ended('no_answer', [{ number: 1, callId: 'call_1', outcome: 'no_answer' }]),
        posts: [post(1)],
        dials: [dial(1)],
        isDataRead: true,
      },
    ],
    [
      'that never ends is unknown',
      {
        ...ONE,
        drawn: drawn([{ phone: 'stuck_ringing' }]),
        runEnds: report(ONE, { outcome: 'unknown' }),
        truths: [{ callId: 'call_1' }],
      },
    ],
    [
      'that never ends and that a read reports as failed',
      {
        ...ONE,
        drawn: drawn([{ phone: 'stuck_queued', read: { says: ['failed'] } }]),
        runEnds: report(ONE, { outcome: 'failed' }),
        truths: [{ callId: 'call_1' }],
      },
    ],
    [
      'that no listing shows is unknown',
      {
        ...CUT,
        drawn: drawn([{ ...CUT.drawn.posts[0], listing: { hidden: true } }]),
        runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
      },
    ],
    [
      'that a person resolved as not dialed',
      {
        ...LOST_ANSWER,
        actions: [notDialed],
        runEnds: ended('failed', [
          { number: 1, outcome: 'failed', rangPhone: false, learnedBy: 'resolve' },
        ]),
      },
    ],
    [
      'that fails with a refusal',
      {
        ...LOST_ANSWER,
        posts: [post(1, { status: 402, fault: 'answer' })],
        runEnds: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'insufficient_credits', message: '', attempts: [] },
          },
        ],
      },
    ],
  ])('%s has no violations', (_, facts) => {
    expect(judge(facts)).toEqual([]);
  });
});
