import type { AttemptReport, CallResult } from '../../src/call/api-types';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';
import type { Case, Category, Deed, Dial, Post } from './facts';
import { judge } from './judge';
import { scaled } from './scale';

const T0 = 1_800_000_000_000;
const CALL = { agent_id: 'agent_1', phone_number: '+14155550101', variables: { name: 'Ann' } };
const refOf = (attempt: number) => `default/call/x#${attempt}`;

function post(seq: number, rest: Partial<Post> & { readonly attempt?: number } = {}): Post {
  const { attempt = 1, ...told } = rest;
  const ref = refOf(attempt);
  const body = JSON.stringify({ ...CALL, variables: { ...CALL.variables, temporal_ref: ref } });
  return { seq, ref, atMs: T0 + seq * 10_000, status: 201, body, key: `key-${attempt}`, ...told };
}

function dial(postNo: number, rest: Partial<Dial> & { readonly attempt?: number } = {}): Dial {
  const { attempt = 1, ...told } = rest;
  return {
    ref: refOf(attempt),
    atMs: T0 + postNo * 10_000,
    postNo,
    callId: `call_${postNo}`,
    ...told,
  };
}

function drawn(posts: readonly CallScript[], rest: DrawnCall['rest'] = {}): DrawnCall {
  return {
    rest,
    call: { agent_id: 'agent_1' },
    isInvalid: false,
    notBeforeAfterMs: undefined,
    expiresAfterMs: undefined,
    posts,
    start: 'once',
    acts: [],
    resetAfterItsEnd: undefined,
    witness: { is: 'nobody', afterMs: 0 },
    atWait: undefined,
    forgery: undefined,
  };
}

function ended(
  outcome: CallResult['outcome'],
  attempts: readonly AttemptReport[],
): Case['endings'] {
  return [{ runId: 'run', closedMs: T0 + 60_000, result: { outcome, attempts } }];
}

/** Answered at the first ring. */
const ONE: Case = {
  index: 0,
  workflowId: 'call/x',
  drawn: drawn([{ phone: 'answered' }]),
  call: CALL,
  startedMs: T0,
  boundMs: 100_000,
  endings: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'answered', placedBy: 'response' },
  ]),
  deeds: [],
  posts: [post(1)],
  dials: [dial(1)],
  truths: [{ callId: 'call_1', endedMs: T0 + 12_000 }],
  deliveries: [],
  reads: [],
  blows: [],
  isDataRead: false,
};

const POLICY = { redial: { maxAttempts: 2, after: { busy: ['1m'], failed: ['1m'] } } } as const;

/** Busy, then answered. */
const TWO: Case = {
  ...ONE,
  drawn: drawn([{ phone: 'busy' }, { phone: 'answered' }], POLICY),
  endings: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'busy', placedBy: 'response' },
    { number: 2, callId: 'call_2', outcome: 'answered', placedBy: 'response' },
  ]),
  posts: [post(1), post(2, { attempt: 2 })],
  dials: [dial(1), dial(2, { attempt: 2 })],
  truths: [
    { callId: 'call_1', endedMs: T0 + 12_000 },
    { callId: 'call_2', endedMs: T0 + 22_000 },
  ],
};

/** The answer was lost before anything rang, and nobody can say so. */
const LOST_ANSWER: Case = {
  ...ONE,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: false, afterMs: 0 } }]),
  endings: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
  posts: [post(1, { status: null, fault: 'cut' })],
  dials: [],
  truths: [],
  history: { places: [], finds: [], taskFailures: [] },
};

/** It rang, the answer was lost, and the listing shows it. */
const CUT: Case = {
  ...LOST_ANSWER,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: true, afterMs: 0 } }]),
  endings: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'answered', placedBy: 'listing' },
  ]),
  dials: [dial(1)],
  truths: ONE.truths,
};

const notDialed: Deed = {
  what: 'resolve not_dialed',
  atMs: T0 + 11_000,
  attempt: 1,
  said: 'not_dialed',
  answeredMs: T0 + 11_100,
  answer: 'taken',
};

const categories = (facts: Case) => [...new Set(judge(facts).map(({ category }) => category))];
const report = (facts: Case, change: Partial<AttemptReport>) =>
  ended(change.outcome ?? 'answered', [
    { ...(facts.endings[0]?.result?.attempts[0] as AttemptReport), ...change },
  ]);

describe('an honest conversation', () => {
  it.each<[string, Case]>([
    ['that is answered', ONE],
    ['that is redialed by its policy', TWO],
    ['whose answer was lost before it rang is unknown', LOST_ANSWER],
    ['that the listing found', CUT],
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
      'for which the vendor dialed twice',
      {
        ...ONE,
        drawn: drawn([{ post: { kind: 'dials_twice' } }]),
        posts: [post(1, { fault: 'dials_twice' })],
        dials: [dial(1), dial(1, { callId: 'call_9' })],
      },
    ],
    [
      'whose vendor tells no words',
      {
        ...TWO,
        endings: ended('no_answer', [{ number: 1, callId: 'call_1', outcome: 'no_answer' }]),
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
        endings: report(ONE, { outcome: 'unknown' }),
        truths: [{ callId: 'call_1' }],
      },
    ],
    [
      'that is unknown since no listing shows it',
      {
        ...CUT,
        drawn: drawn([{ ...CUT.drawn.posts[0], listing: { hidden: true } }]),
        endings: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
      },
    ],
    [
      'that nobody dialed, as a person says',
      {
        ...LOST_ANSWER,
        deeds: [notDialed],
        endings: ended('failed', [
          { number: 1, outcome: 'failed', rangPhone: false, learnedBy: 'resolve' },
        ]),
      },
    ],
    [
      'that fails by a refusal',
      {
        ...LOST_ANSWER,
        posts: [post(1, { status: 402, fault: 'answer' })],
        endings: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'insufficient_credits', message: '', attempts: [] },
          },
        ],
      },
    ],
  ])('%s breaks nothing', (_, facts) => {
    expect(judge(facts)).toEqual([]);
  });
});

describe('a conversation that breaks a promise', () => {
  const second = { ...TWO.endings[0]?.result?.attempts[1] } as AttemptReport;

  it.each<[string, Category, Case]>([
    [
      'two requests of one attempt ring',
      'doubled',
      { ...ONE, posts: [post(1), post(2)], dials: [dial(1), dial(2)] },
    ],
    [
      'a request is sent again after an answer that proves nothing',
      'doubled',
      { ...CUT, posts: [post(0, { status: 500, fault: 'answer' }), post(1)] },
    ],
    [
      'one request rings twice without a fault of the vendor',
      'doubled',
      { ...ONE, dials: [dial(1), dial(1, { callId: 'call_9' })] },
    ],
    [
      'the next attempt rings while the phone is live',
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
      'an answered person is rung again',
      'doubled',
      { ...TWO, drawn: drawn([{ phone: 'answered' }, { phone: 'answered' }], POLICY) },
    ],
    [
      'it is redialed after unknown',
      'doubled',
      {
        ...TWO,
        endings: ended('answered', [
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
      'it is sent after the end',
      'doubled',
      { ...ONE, endings: ONE.endings.map((one) => ({ ...one, closedMs: T0 + 5_000 })) },
    ],
    [
      'it is sent after Temporal gave it up',
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
      'a redial on a person’s word comes before the request has settled',
      'doubled',
      {
        ...TWO,
        deeds: [notDialed],
        dials: [dial(2, { attempt: 2 })],
        posts: [post(1), post(2, { attempt: 2, atMs: T0 + 13_000 })],
        endings: ended('answered', [
          { number: 1, outcome: 'failed', rangPhone: false, learnedBy: 'resolve' },
          second,
        ]),
      },
    ],
    [
      'an attempt is sent after stop was taken',
      'doubled',
      {
        ...TWO,
        deeds: [{ what: 'stop', atMs: T0 + 13_000, answeredMs: T0 + 13_010, answer: 'taken' }],
      },
    ],
    [
      'it fails without a type of its own',
      'lost',
      {
        ...LOST_ANSWER,
        endings: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'untyped', message: 'boom', attempts: [] },
          },
        ],
      },
    ],
    [
      'its result does not tell of a phone that rang',
      'lost',
      { ...ONE, endings: ended('expired', []) },
    ],
    [
      'it is unknown though the listing showed it',
      'lost',
      { ...CUT, endings: ended('unknown', [{ number: 1, outcome: 'unknown' }]) },
    ],
    [
      'it is unknown though a read showed it',
      'lost',
      {
        ...ONE,
        endings: report(ONE, { outcome: 'unknown' }),
        reads: [{ callId: 'call_1', atMs: T0 + 15_000, status: 200 }],
      },
    ],
    [
      'it is unknown and nobody asked how it ended',
      'lost',
      { ...ONE, endings: report(ONE, { outcome: 'unknown' }) },
    ],
    [
      'it is unknown though its ending was delivered',
      'lost',
      {
        ...CUT,
        drawn: drawn([{ listing: { hidden: true } }]),
        deliveries: [{ callId: 'call_1', event: 'call.ended', atMs: T0 + 12_000, status: 204 }],
        endings: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
      },
    ],
    ['it is unknown though nothing was in doubt', 'lost', { ...LOST_ANSWER, posts: [] }],
    [
      'a workflow task fails',
      'lost',
      { ...CUT, history: { places: [], finds: [], taskFailures: ['boom'] } },
    ],
    [
      'the activity that rings fails by itself',
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
      'it is not dialed by nobody’s word',
      'lost',
      {
        ...CUT,
        endings: ended('failed', [{ number: 1, outcome: 'failed', learnedBy: 'resolve' }]),
      },
    ],
    [
      'it is open for longer than its settings',
      'stuck',
      { ...ONE, endings: [], openAtMs: T0 + 200_000 },
    ],
    [
      'its phone did something else',
      'wrong',
      { ...ONE, endings: report(ONE, { outcome: 'busy' }) },
    ],
    ['its phone is still live', 'wrong', { ...ONE, truths: [{ callId: 'call_1' }] }],
    [
      'it tells of a call that nobody dialed',
      'wrong',
      { ...ONE, endings: report(ONE, { callId: 'call_7' }) },
    ],
    [
      'nothing rang, and it is answered',
      'wrong',
      { ...LOST_ANSWER, endings: ended('answered', [{ number: 1, outcome: 'answered' }]) },
    ],
    [
      'it fails by another refusal than was given',
      'wrong',
      {
        ...LOST_ANSWER,
        endings: [
          {
            runId: 'run',
            closedMs: T0 + 60_000,
            failure: { type: 'forbidden', message: '', attempts: [] },
          },
        ],
      },
    ],
    [
      'a variable changes on the way',
      'wrong',
      { ...ONE, posts: [post(1, { body: post(1).body.replace('Ann', 'Bob') })] },
    ],
    [
      'its idempotency key changes',
      'wrong',
      { ...ONE, posts: [post(0, { status: 429, fault: 'answer', key: 'other' }), post(1)] },
    ],
    ['an update is never answered', 'wrong', { ...ONE, deeds: [{ what: 'stop', atMs: T0 }] }],
    [
      'a wrong input of an update is taken',
      'wrong',
      { ...ONE, deeds: [{ what: 'wrongInput', atMs: T0, answer: 'taken' }] },
    ],
    [
      'a redial that the policy wants never comes',
      'wrong',
      {
        ...TWO,
        endings: ended('busy', [
          { number: 1, callId: 'call_1', outcome: 'busy', placedBy: 'response' },
        ]),
        posts: [post(1)],
        dials: [dial(1)],
      },
    ],
    ['a wrong input is sent', 'wrong', { ...ONE, drawn: { ...ONE.drawn, isInvalid: true } }],
  ])('%s: %s', (_, category, facts) => {
    expect(categories(facts)).toContain(category);
  });
});
