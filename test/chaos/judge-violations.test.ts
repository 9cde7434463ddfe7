import type { AttemptReport } from '../../src/call/api-types';
import type { Case, Category } from './facts';
import { withSecondRun } from './history';
import { judge } from './judge';
import {
  T0,
  refOf,
  post,
  dial,
  drawn,
  ended,
  ONE,
  POLICY,
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
import { scaled } from './scale';

const categories = (facts: Case) => [...new Set(judge(facts).map(({ category }) => category))];

describe('a call that breaks a promise', () => {
  const second = { ...TWO.runEnds[0]?.result?.attempts[1] } as AttemptReport;

  it.each<[string, Category, Case]>([
    [
      'two requests of one attempt dial',
      'doubled',
      { ...ONE, posts: [post(1), post(2)], dials: [dial(1), dial(2)] },
    ],
    [
      'a request is sent again after an answer that proves nothing',
      'doubled',
      { ...CUT, posts: [post(0, { status: 500, fault: 'answer' }), post(1)] },
    ],
    [
      'one request dials twice without a fault of the vendor',
      'doubled',
      { ...ONE, dials: [dial(1), dial(1, { callId: 'call_9' })] },
    ],
    [
      'the next attempt is dialed while the call is live',
      'doubled',
      {
        ...TWO,
        truths: [
          { callId: 'call_1', endedMs: T0 + 20_500 },
          { callId: 'call_2', endedMs: T0 + 22_000 },
        ],
      },
    ],
    [
      'an answered call is redialed',
      'doubled',
      { ...TWO, drawn: drawn([{ phone: 'answered' }, { phone: 'answered' }], POLICY) },
    ],
    [
      'it is redialed after unknown',
      'doubled',
      {
        ...TWO,
        runEnds: ended('answered', [
          { number: 1, outcome: 'unknown', callId: 'call_1', placedBy: 'response' },
          second,
        ]),
      },
    ],
    [
      'it is redialed beyond maxAttempts',
      'doubled',
      { ...TWO, drawn: drawn(TWO.drawn.posts, { redial: { ...POLICY.redial, maxAttempts: 1 } }) },
    ],
    [
      'it is redialed before its delay',
      'doubled',
      {
        ...TWO,
        posts: [post(1), post(2, { attempt: 2, atMs: T0 + 12_500 - scaled('1m') })],
        truths: [
          { callId: 'call_1', endedMs: T0 + 10_100 },
          { callId: 'call_2', endedMs: T0 + 22_000 },
        ],
      },
    ],
    ['it is sent after expiresAt', 'doubled', { ...ONE, expiresMs: T0 + 5_000 }],
    ['it is sent before notBefore', 'doubled', { ...ONE, notBeforeMs: T0 + 15_000 }],
    [
      'it is sent after the run has ended',
      'doubled',
      { ...ONE, runEnds: ONE.runEnds.map((end) => ({ ...end, closedMs: T0 + 5_000 })) },
    ],
    [
      'it is sent after its activity timed out',
      'doubled',
      {
        ...CUT,
        history: {
          places: [
            {
              reference: refOf(1),
              scheduledMs: T0,
              closedMs: T0 + 9_000,
              dispatch: 1,
              how: 'timed_out',
            },
          ],
          finds: [],
          taskFailures: [],
        },
      },
    ],
    [
      'an attempt is sent after the next one',
      'doubled',
      { ...TWO, posts: [post(3), post(2, { attempt: 2 })] },
    ],
    [
      'a redial after resolve comes before the request has settled',
      'doubled',
      {
        ...TWO,
        actions: [notDialed],
        dials: [dial(2, { attempt: 2 })],
        posts: [post(1), post(2, { attempt: 2, atMs: T0 + 13_000 })],
        runEnds: ended('answered', [
          { number: 1, outcome: 'failed', rangPhone: false, learnedBy: 'resolve' },
          second,
        ]),
      },
    ],
    [
      'an attempt is sent after stop was accepted',
      'doubled',
      {
        ...TWO,
        actions: [{ name: 'stop', atMs: T0 + 13_000, answeredMs: T0 + 13_010, answer: 'accepted' }],
      },
    ],
    [
      'it fails with an unknown type',
      'lost',
      {
        ...LOST_ANSWER,
        runEnds: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'untyped', message: 'boom', attempts: [] },
          },
        ],
      },
    ],
    [
      'its result does not contain a dialed attempt',
      'lost',
      { ...ONE, runEnds: ended('expired', []) },
    ],
    [
      'it is unknown although the listing showed it',
      'lost',
      { ...CUT, runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]) },
    ],
    [
      'it is unknown although a page of the listing contains its call',
      'lost',
      {
        ...CUT,
        runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
        history: { places: [], finds: [{ ...PAGE, matches: 1 }], taskFailures: [] },
      },
    ],
    [
      'it is unknown although a complete listing was read',
      'lost',
      {
        ...CUT,
        runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
        history: { places: [], finds: [PAGE, { ...PAGE, isLast: true }], taskFailures: [] },
        incidents: [LOST_WORKER, LOST_WORKER],
      },
    ],
    ['it is unknown although a read showed it', 'lost', UNREAD],
    [
      'it is unknown although a poll returned it, and its worker was lost after that',
      'lost',
      {
        ...UNREAD,
        incidents: [READER_LOST],
        history: {
          places: [],
          finds: [],
          reads: [
            {
              reference: 'call_1',
              scheduledMs: T0 + 15_000,
              closedMs: T0 + 20_300,
              dispatch: 2,
              how: 'completed',
            },
          ],
          taskFailures: [],
        },
      },
    ],
    [
      'it is unknown and was never read after its end',
      'lost',
      { ...ONE, runEnds: report(ONE, { outcome: 'unknown' }) },
    ],
    [
      'it is unknown although its result was delivered',
      'lost',
      {
        ...CUT,
        drawn: drawn([{ listing: { hidden: true } }]),
        deliveries: [{ callId: 'call_1', event: 'call.ended', atMs: T0 + 12_000, status: 204 }],
        runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
      },
    ],
    ['it is unknown although the evidence is clear', 'lost', { ...LOST_ANSWER, posts: [] }],
    ['its connection broke although the vendor closed none', 'lost', CLOSED],
    [
      'a workflow task fails',
      'lost',
      {
        ...CUT,
        history: { places: [], finds: [], taskFailures: [{ message: 'boom', atMs: T0 }] },
      },
    ],
    [
      'a workflow task of a second run of its id fails',
      'lost',
      {
        ...ONE,
        actions: [
          { name: 'again', atMs: T0 + 61_000, answeredMs: T0 + 61_100, answer: 'accepted' },
        ],
        history: withSecondRun(
          { places: [], finds: [], taskFailures: [] },
          { places: [], finds: [], taskFailures: [{ message: 'boom', atMs: T0 + 62_000 }] },
        ),
      },
    ],
    [
      'a workflow task takes too long, and no worker was frozen',
      'lost',
      {
        ...CUT,
        history: {
          places: [],
          finds: [],
          taskFailures: [{ message: 'Script execution timed out after 5000ms', atMs: T0 }],
        },
        incidents: [{ text: 'a worker is frozen for 9000 ms', atMs: T0 + 1, untilMs: T0 + 9_001 }],
      },
    ],
    [
      'the activity that dials fails',
      'lost',
      {
        ...LOST_ANSWER,
        history: {
          places: [{ reference: refOf(1), scheduledMs: T0, dispatch: 1, how: 'failed' }],
          finds: [],
          taskFailures: [],
        },
      },
    ],
    [
      'it is reported as not dialed without a resolve',
      'lost',
      {
        ...CUT,
        runEnds: ended('failed', [{ number: 1, outcome: 'failed', learnedBy: 'resolve' }]),
      },
    ],
    [
      'it is open for longer than its settings allow',
      'stuck',
      { ...ONE, runEnds: [], openAtMs: T0 + 200_000 },
    ],
    [
      'its outcome differs from its phone',
      'wrong',
      { ...ONE, runEnds: report(ONE, { outcome: 'busy' }) },
    ],
    ['its phone is still live', 'wrong', { ...ONE, truths: [{ callId: 'call_1' }] }],
    [
      'it reports a call that was never dialed',
      'wrong',
      { ...ONE, runEnds: report(ONE, { callId: 'call_7' }) },
    ],
    [
      'it is answered without a dial',
      'wrong',
      { ...LOST_ANSWER, runEnds: ended('answered', [{ number: 1, outcome: 'answered' }]) },
    ],
    [
      'it fails with another refusal than Truedy sent',
      'wrong',
      {
        ...LOST_ANSWER,
        runEnds: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'forbidden', message: '', attempts: [] },
          },
        ],
      },
    ],
    [
      'a variable is changed in the request',
      'wrong',
      { ...ONE, posts: [post(1, { body: post(1).body.replace('Ann', 'Bob') })] },
    ],
    [
      'its idempotency key changes',
      'wrong',
      { ...ONE, posts: [post(0, { status: 429, fault: 'answer', key: 'other' }), post(1)] },
    ],
    ['an update is never answered', 'wrong', { ...ONE, actions: [{ name: 'stop', atMs: T0 }] }],
    [
      'an invalid input of an update is accepted',
      'wrong',
      { ...ONE, actions: [{ name: 'wrongInput', atMs: T0, answer: 'accepted' }] },
    ],
    [
      'a redial of the policy is missing',
      'wrong',
      {
        ...TWO,
        runEnds: ended('busy', [
          { number: 1, callId: 'call_1', outcome: 'busy', placedBy: 'response' },
        ]),
        posts: [post(1)],
        dials: [dial(1)],
      },
    ],
    ['an invalid input is sent', 'wrong', { ...ONE, drawn: { ...ONE.drawn, isInvalid: true } }],
  ])('%s: %s', (_, category, facts) => {
    expect(categories(facts)).toContain(category);
  });
});
