import type { AttemptReport, CallResult } from '../../src/call/api-types';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';
import type { Case, Category, Action, Dial, Post } from './facts';
import { judge } from './judge';
import { scaled } from './scale';

const T0 = 1_800_000_000_000;
const CALL = { agent_id: 'agent_1', phone_number: '+14155550101', variables: { name: 'Ann' } };
const refOf = (attempt: number) => `default/call/x#${attempt}`;

function post(seq: number, rest: Partial<Post> & { readonly attempt?: number } = {}): Post {
  const { attempt = 1, ...fields } = rest;
  const ref = refOf(attempt);
  const body = JSON.stringify({ ...CALL, variables: { ...CALL.variables, temporal_ref: ref } });
  return { seq, ref, atMs: T0 + seq * 10_000, status: 201, body, key: `key-${attempt}`, ...fields };
}

function dial(postNo: number, rest: Partial<Dial> & { readonly attempt?: number } = {}): Dial {
  const { attempt = 1, ...fields } = rest;
  return {
    ref: refOf(attempt),
    atMs: T0 + postNo * 10_000,
    postNo,
    callId: `call_${postNo}`,
    ...fields,
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
    witness: { is: 'none', afterMs: 0 },
    atWait: undefined,
    forgery: undefined,
  };
}

function ended(
  outcome: CallResult['outcome'],
  attempts: readonly AttemptReport[],
): Case['runEnds'] {
  return [{ runId: 'run', closedMs: T0 + 60_000, result: { outcome, attempts } }];
}

/** Answered at the first attempt. */
const ONE: Case = {
  index: 0,
  workflowId: 'call/x',
  drawn: drawn([{ phone: 'answered' }]),
  call: CALL,
  startedMs: T0,
  boundMs: 100_000,
  runEnds: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'answered', placedBy: 'response' },
  ]),
  actions: [],
  posts: [post(1)],
  dials: [dial(1)],
  truths: [{ callId: 'call_1', endedMs: T0 + 12_000 }],
  deliveries: [],
  reads: [],
  incidents: [],
  isDataRead: false,
};

const POLICY = { redial: { maxAttempts: 2, after: { busy: ['1m'], failed: ['1m'] } } } as const;

/** Busy, then answered. */
const TWO: Case = {
  ...ONE,
  drawn: drawn([{ phone: 'busy' }, { phone: 'answered' }], POLICY),
  runEnds: ended('answered', [
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

/** The answer was lost before a phone was dialed, and no evidence proves that. */
const LOST_ANSWER: Case = {
  ...ONE,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: false, afterMs: 0 } }]),
  runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
  posts: [post(1, { status: null, fault: 'cut' })],
  dials: [],
  truths: [],
  history: { places: [], finds: [], taskFailures: [] },
};

/** The phone was dialed, the answer was lost, and the listing shows the call. */
const CUT: Case = {
  ...LOST_ANSWER,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: true, afterMs: 0 } }]),
  runEnds: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'answered', placedBy: 'listing' },
  ]),
  dials: [dial(1)],
  truths: ONE.truths,
};

const notDialed: Action = {
  name: 'resolve not_dialed',
  atMs: T0 + 11_000,
  attempt: 1,
  resolution: 'not_dialed',
  answeredMs: T0 + 11_100,
  answer: 'accepted',
};

const categories = (facts: Case) => [...new Set(judge(facts).map(({ category }) => category))];
const report = (facts: Case, change: Partial<AttemptReport>) =>
  ended(change.outcome ?? 'answered', [
    { ...(facts.runEnds[0]?.result?.attempts[0] as AttemptReport), ...change },
  ]);

describe('a call that keeps every promise', () => {
  it.each<[string, Case]>([
    ['that is answered', ONE],
    ['that is redialed by its policy', TWO],
    ['whose answer was lost before the dial is unknown', LOST_ANSWER],
    ['that was found in the listing', CUT],
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
      'it is unknown although a read showed it',
      'lost',
      {
        ...ONE,
        runEnds: report(ONE, { outcome: 'unknown' }),
        reads: [{ callId: 'call_1', atMs: T0 + 15_000, status: 200 }],
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
    ['it is unknown though nothing was in doubt', 'lost', { ...LOST_ANSWER, posts: [] }],
    [
      'a workflow task fails',
      'lost',
      { ...CUT, history: { places: [], finds: [], taskFailures: ['boom'] } },
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
    ['a wrong input is sent', 'wrong', { ...ONE, drawn: { ...ONE.drawn, isInvalid: true } }],
  ])('%s: %s', (_, category, facts) => {
    expect(categories(facts)).toContain(category);
  });
});
