import type { AttemptReport, CallResult } from '../../src/call/api-types';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';
import type { Action, Case, Dial, FindFact, Incident, Post } from './facts';

export const T0 = 1_800_000_000_000;
const CALL = { agent_id: 'agent_1', phone_number: '+14155550101', variables: { name: 'Ann' } };
export const refOf = (attempt: number) => `default/call/x#${attempt}`;

export function post(seq: number, rest: Partial<Post> & { readonly attempt?: number } = {}): Post {
  const { attempt = 1, ...fields } = rest;
  const ref = refOf(attempt);
  const body = JSON.stringify({ ...CALL, variables: { ...CALL.variables, temporal_ref: ref } });
  return { seq, ref, atMs: T0 + seq * 10_000, status: 201, body, key: `key-${attempt}`, ...fields };
}

export function dial(
  postNo: number,
  rest: Partial<Dial> & { readonly attempt?: number } = {},
): Dial {
  const { attempt = 1, ...fields } = rest;
  return {
    ref: refOf(attempt),
    atMs: T0 + postNo * 10_000,
    postNo,
    callId: `call_${postNo}`,
    ...fields,
  };
}

export function drawn(posts: readonly CallScript[], rest: DrawnCall['rest'] = {}): DrawnCall {
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

export function ended(
  outcome: CallResult['outcome'],
  attempts: readonly AttemptReport[],
): Case['runEnds'] {
  return [{ runId: 'run', closedMs: T0 + 60_000, result: { outcome, attempts } }];
}

/** A page without the call of `CUT`, and more pages after it. */
export const PAGE: FindFact = {
  reference: refOf(1),
  scheduledMs: T0 + 20_000,
  closedMs: T0 + 21_000,
  dispatch: 1,
  how: 'completed',
  matches: 0,
  isLast: false,
};

export const LOST_WORKER: Incident = {
  text: 'a worker is killed',
  atMs: T0 + 15_000,
  untilMs: T0 + 19_000,
};

/** Answered at the first attempt. */
export const ONE: Case = {
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

/** Read once after its end, and unknown. */
export const UNREAD: Case = {
  ...ONE,
  runEnds: ended('unknown', [
    { number: 1, callId: 'call_1', outcome: 'unknown', placedBy: 'response' },
  ]),
  reads: [{ callId: 'call_1', atMs: T0 + 20_000, status: 200 }],
};

/** The worker that read `UNREAD`. */
export const READER_LOST: Incident = {
  text: 'a worker is killed',
  atMs: T0 + 20_400,
  untilMs: T0 + 22_000,
};

export const POLICY = {
  redial: { maxAttempts: 2, after: { busy: ['1m'], failed: ['1m'] } },
} as const;

/** Busy, then answered. */
export const TWO: Case = {
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
export const LOST_ANSWER: Case = {
  ...ONE,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: false, afterMs: 0 } }]),
  runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
  posts: [post(1, { status: null, fault: 'cut' })],
  dials: [],
  truths: [],
  history: { places: [], finds: [], taskFailures: [] },
};

/** The connection broke under the request, which the vendor did not receive. */
export const CLOSED: Case = {
  ...LOST_ANSWER,
  runEnds: ended('unknown', [
    { number: 1, outcome: 'unknown', reason: 'POST /calls failed (EPIPE)' },
  ]),
  posts: [],
};

/** The phone was dialed, the answer was lost, and the listing shows the call. */
export const CUT: Case = {
  ...LOST_ANSWER,
  drawn: drawn([{ phone: 'answered', post: { kind: 'cut', dials: true, afterMs: 0 } }]),
  runEnds: ended('answered', [
    { number: 1, callId: 'call_1', outcome: 'answered', placedBy: 'listing' },
  ]),
  dials: [dial(1)],
  truths: ONE.truths,
};

export const notDialed: Action = {
  name: 'resolve not_dialed',
  atMs: T0 + 11_000,
  attempt: 1,
  resolution: 'not_dialed',
  answeredMs: T0 + 11_100,
  answer: 'accepted',
};

export const report = (facts: Case, change: Partial<AttemptReport>) =>
  ended(change.outcome ?? 'answered', [
    { ...(facts.runEnds[0]?.result?.attempts[0] as AttemptReport), ...change },
  ]);
