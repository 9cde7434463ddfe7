import * as fc from 'fast-check';
import type { OutboundCallInput } from '../../src/call/input';
import type { CallScript } from '../../src/testing/simulator/script/script';
import { between, parts, pick, sometimes } from './draw';
import { drawnPlan, PLAIN } from './draw-plan';

/** An act of a person or an attacker on a call. */
export type ActKind =
  | 'cancel'
  | 'stop'
  | 'redialNow'
  | 'reschedule'
  | 'expireSoon'
  | 'wrongInput'
  | 'resolveWrongId'
  | 'reset';

export interface DrawnAct {
  readonly kind: ActKind;
  readonly afterMs: number;
  /** Selects the point of a reset, from 0 to 1. */
  readonly part: number;
}

/** How a person resolves a request whose answer was lost. */
export type Witness = 'none' | 'truthful' | 'two' | 'mistaken' | 'liar';

export type ForgeryKind =
  | 'wrong_secret'
  | 'stale'
  | 'unsigned'
  | 'other_namespace'
  | 'copied_reference'
  | 'random_ids'
  | 'genuine_again';

export interface DrawnForgery {
  readonly kind: ForgeryKind;
  readonly afterMs: number;
}

/** One call, with everything that happens to it. */
export interface DrawnCall {
  readonly rest: Omit<OutboundCallInput, 'call' | 'notBefore' | 'expiresAt'>;
  readonly call: Pick<OutboundCallInput['call'], 'agent_id' | 'variables' | 'call_settings'>;
  readonly isInvalid: boolean;
  readonly notBeforeAfterMs: number | undefined;
  readonly expiresAfterMs: number | undefined;
  /** The vendor's plan for each POST. The last one repeats. */
  readonly posts: readonly CallScript[];
  readonly start: 'once' | 'twice' | 'again_after_its_end';
  readonly acts: readonly DrawnAct[];
  readonly resetAfterItsEnd: number | undefined;
  readonly witness: { readonly is: Witness; readonly afterMs: number };
  /** The act at its first long wait. */
  readonly atWait: 'redialNow' | 'reschedule' | 'stop' | 'cancel' | 'burst' | undefined;
  readonly forgery: DrawnForgery | undefined;
  /** Whom it is for, if several calls are for one person. Otherwise each call has its own number. */
  readonly person?: number;
}

const MAX_POSTS = 7;

export const drawnCall: fc.Arbitrary<DrawnCall> = fc
  .record({
    rest: rest(),
    call: call(),
    isInvalid: pick([99, false], [1, true]),
    notBeforeAfterMs: sometimes(8, between(300, 4_000)),
    expiresAfterMs: sometimes(20, between(5_000, 25_000)),
    posts: fc
      .array(drawnPlan, { minLength: MAX_POSTS, maxLength: MAX_POSTS })
      .map((plans) => [...plans, PLAIN]),
    start: pick<DrawnCall['start']>([95, 'once'], [4, 'twice'], [1, 'again_after_its_end']),
    acts: acts(),
    resetAfterItsEnd: sometimes(3, part()),
    witness: fc.record({
      is: pick<Witness>([45, 'none'], [33, 'truthful'], [7, 'two'], [9, 'mistaken'], [6, 'liar']),
      afterMs: between(0, 3_000),
    }),
    atWait: pick<DrawnCall['atWait']>(
      [80, undefined],
      [10, 'redialNow'],
      [3, 'reschedule'],
      [2, 'stop'],
      [2, 'cancel'],
      [3, 'burst'],
    ),
    forgery: sometimes(8, forgery()),
  })
  .map(withTimeToSettle);

// --- internal ---

/** Ensures that late requests are executed before the `settle` time ends. */
function withTimeToSettle(call: DrawnCall): DrawnCall {
  if (!call.posts.some(({ post }) => post?.kind === 'late')) return call;
  const { placement: _, ...rest } = call.rest;
  return { ...call, rest };
}

function rest(): fc.Arbitrary<DrawnCall['rest']> {
  return parts<DrawnCall['rest']>({
    completion: sometimes(
      80,
      fc.record({
        mode: pick<'webhook' | 'poll'>([60, 'webhook'], [40, 'poll']),
        grace: fc.constantFrom('0s', '30s', '5m'),
        pollEvery: fc.constantFrom('5s', '30s', '2m'),
        artifacts: pick<string>([80, '0s'], [20, '1m']),
      }),
    ),
    redial: sometimes(60, redial()),
    placement: sometimes(
      15,
      fc.constantFrom('90s', '10m').map((settle) => ({ settle })),
    ),
    labels: sometimes(
      20,
      fc.constantFrom('spring', 'winter').map((campaign) => ({ campaign })),
    ),
  });
}

function redial() {
  const delays = fc.array(fc.constantFrom('1m', '2m', '3m'), { minLength: 1, maxLength: 2 });
  return fc.record({
    maxAttempts: between(2, 3),
    after: parts<
      Record<'no_answer' | 'busy' | 'voicemail' | 'declined' | 'unreachable' | 'failed', string[]>
    >({
      no_answer: delays,
      busy: sometimes(80, delays),
      voicemail: sometimes(30, delays),
      declined: sometimes(30, delays),
      unreachable: sometimes(50, delays),
      failed: sometimes(60, delays),
    }),
  });
}

function call(): fc.Arbitrary<DrawnCall['call']> {
  return parts<DrawnCall['call']>({
    agent_id: pick<string>([196, 'agent_1'], [2, 'agent_missing'], [2, 'agent_draft']),
    variables: sometimes(
      60,
      fc.dictionary(
        fc.constantFrom('first_name', 'Straße', 'z', 'a b'),
        fc.string({ unit: 'grapheme', maxLength: 8 }),
      ),
    ),
    call_settings: fc.record({
      recording_enabled: fc.boolean(),
      max_duration: fc.constantFrom('60s', '300s', '600s'),
      join_timeout: fc.constantFrom('10s', '30s'),
    }),
  });
}

function acts(): fc.Arbitrary<readonly DrawnAct[]> {
  const act = fc.record({
    kind: pick<ActKind>(
      [20, 'cancel'],
      [12, 'stop'],
      [12, 'redialNow'],
      [10, 'reschedule'],
      [6, 'expireSoon'],
      [10, 'wrongInput'],
      [8, 'resolveWrongId'],
      [12, 'reset'],
    ),
    afterMs: pick<number>([1, between(0, 500)], [2, between(0, 4_000)], [1, between(0, 15_000)]),
    part: part(),
  });
  const burst = fc
    .tuple(act, act, act)
    .map(([first, ...others]) => [
      first,
      ...others.map((other) => ({ ...other, afterMs: first.afterMs })),
    ]);
  return pick<readonly DrawnAct[]>([76, []], [20, act.map((drawn) => [drawn])], [4, burst]);
}

function part(): fc.Arbitrary<number> {
  return between(0, 999).map((value) => value / 1_000);
}

function forgery(): fc.Arbitrary<DrawnForgery> {
  return fc.record({
    kind: fc.constantFrom<ForgeryKind>(
      'wrong_secret',
      'stale',
      'unsigned',
      'other_namespace',
      'copied_reference',
      'random_ids',
      'genuine_again',
    ),
    afterMs: between(0, 6_000),
  });
}
