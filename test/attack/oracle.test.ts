import * as fc from 'fast-check';
import type { AttemptReport } from '../../src/call/api-types';
import type { Delivered } from './deliveries';
import { violations } from './oracle';
import type { Facts } from './play';
import { plainStory, type AttemptPlan, type DeliveryPlan, type Story } from './story';
import { createLine, type Dial, type Send } from './vendor';

const [DRAWN] = fc.sample(plainStory, { seed: 1, numRuns: 1 });
const PLAIN: AttemptPlan = {
  dialCheck: 'yes',
  connectMs: 0,
  answer: { kind: 'placed', dials: 'immediately', afterMs: 0, code: null },
  end: 'no_answer',
  endsAfterMs: 150,
  reads: 'truth',
  failsBy: 'status',
  number: 'ours',
  showsReference: true,
  listing: {
    lagMs: 0,
    hidden: false,
    twin: false,
    number: 'ours',
    pageRows: 100,
    order: 'newest',
    laterRows: 0,
    errorsFirst: 0,
    clockMs: 0,
  },
  deliveries: [],
};
const DELIVERY: DeliveryPlan = {
  moment: 'join',
  delayMs: 0,
  says: 'full',
  ids: 'own',
  hasReference: true,
  hasNumber: true,
  copies: 1,
};

const sendAt = (attempt: number, atMs: number): Send => ({
  attempt,
  body: `{"ref":"default/call/1#${attempt}"}`,
  handedMs: atMs - 20,
  atMs,
  proves: 'placed',
  answeredMs: atMs + 10,
});
const dialAt = (attempt: number, atMs: number): Dial => ({
  attempt,
  ids: { own: `call_${attempt}`, carrier: `uv_${attempt}`, twin: null },
  atMs,
  joinedMs: null,
  endedMs: atMs + 150,
  end: 'no_answer',
  failsBy: 'status',
});
const report = (number: number, fields: Partial<AttemptReport> = {}): AttemptReport => ({
  number,
  callId: `call_${number}`,
  outcome: 'no_answer',
  rangPhone: true,
  placedBy: 'response',
  learnedBy: 'poll',
  ...fields,
});
const dialed = (attempt: number, knownUpTo: number) => ({ attempt, knownUpTo });
const joined: Delivered = {
  attempt: 1,
  id: 'evt_1',
  look: 'in_progress',
  plan: DELIVERY,
  atMs: 200,
  status: 204,
};

interface Changes {
  readonly sends?: Send[];
  readonly dials?: Dial[];
  readonly reports?: AttemptReport[];
  readonly deliveries?: Delivered[];
  readonly runEnd?: Facts['runEnd'];
  readonly run?: Partial<Facts['runs'][number]>;
  readonly limits?: Partial<Facts['limits']>;
  readonly done?: Facts['done'];
  readonly plan?: Partial<AttemptPlan>;
  readonly delay?: Story['settings']['delay'];
}

/** Two unanswered attempts, one after the other, with the changes of a test. */
function facts(changes: Changes = {}): Facts {
  const plan = { ...PLAIN, ...changes.plan };
  const story: Story = {
    settings: {
      ...(DRAWN as Story).settings,
      maxAttempts: 2,
      delay: changes.delay ?? '1m',
      settle: '90s',
    },
    attempts: [plan, plan, plan],
    scenes: [],
  };
  const attempts = changes.reports ?? [report(1), report(2)];
  return {
    line: {
      ...createLine(story, 'call/1', '+14155550101'),
      sends: changes.sends ?? [sendAt(1, 100), sendAt(2, 1_000)],
      dials: changes.dials ?? [dialAt(1, 100), dialAt(2, 1_000)],
      seen: [1, 2].map((attempt) => ({ attempt, look: 'no_answer' as const, atMs: 300 })),
      checks: [1, 2].map((attempt) => ({ attempt, atMs: 50, yes: true })),
    },
    deliveries: changes.deliveries ?? [],
    done: changes.done ?? [],
    runs: [
      {
        runId: 'run',
        dials: [dialed(1, 5), dialed(2, 20)],
        signals: [{ deliveryId: 'evt_1', eventId: 10 }],
        updates: [],
        cancelEventId: null,
        reads: [],
        brokenTasks: [],
        ...changes.run,
      },
    ],
    runEnd: changes.runEnd ?? { kind: 'result', result: { outcome: 'no_answer', attempts } },
    limits: { notBeforeMs: 0, expiresAtMs: Infinity, ...changes.limits },
  };
}

const rulesOf = (changes: Changes) => violations(facts(changes)).map(({ rule }) => rule);

it('accepts two unanswered attempts', () => {
  expect(violations(facts())).toEqual([]);
});

it.each<[rule: string, Changes]>([
  ['sendsOnce', { sends: [sendAt(1, 100), sendAt(1, 500)], dials: [dialAt(1, 100)] }],
  ['sendsInOrder', { sends: [{ ...sendAt(1, 100), answeredMs: 1_500 }, sendAt(2, 1_000)] }],
  ['leavesLiveCallsAlone', { dials: [{ ...dialAt(1, 100), endedMs: 2_000 }, dialAt(2, 1_000)] }],
  ['waitsForLateDials', { dials: [dialAt(1, 1_200), dialAt(2, 1_000)] }],
  ['stopsAfterUnknown', { reports: [report(1, { outcome: 'unknown' }), report(2)] }],
  ['stopsAfterTalk', { deliveries: [joined] }],
  ['stopsWhenAsked', { run: { cancelEventId: 15 } }],
  ['stopsWhenAsked', { run: { updates: [{ name: 'stop', eventId: 15, isAnswered: true }] } }],
  [
    'stopsRequests',
    { done: [{ act: 'stop', attempt: 2, atMs: 500, answer: 'accepted', answeredMs: 510 }] },
  ],
  ['sendsInTime', { sends: [sendAt(1, 100), { ...sendAt(2, 12_000), handedMs: 500 }] }],
  ['keepsLimits', { limits: { expiresAtMs: 900 } }],
  ['keepsLimits', { limits: { notBeforeMs: 200 } }],
  ['keepsDelays', { sends: [sendAt(1, 100), sendAt(2, 600)] }],
  ['keepsTheInput', { sends: [sendAt(1, 100), { ...sendAt(2, 1_000), body: '{}' }] }],
  ['breaksNoTask', { run: { brokenTasks: ['nondeterminism'] } }],
  ['closes', { runEnd: { kind: 'open', phase: 'queued' } }],
  ['closes', { runEnd: { kind: 'failure', type: null, attempts: [report(1), report(2)] } }],
  ['reportsDials', { reports: [report(1)] }],
  ['reportsDials', { reports: [report(1, { rangPhone: false }), report(2)] }],
  ['losesNothing', { reports: [report(1), report(2, { outcome: 'unknown' })] }],
  ['provesOutcomes', { reports: [report(1), report(2, { outcome: 'answered' })] }],
  ['doubtsContradictions', { deliveries: [joined], run: { dials: [] } }],
  ['namesItsOwnCalls', { reports: [report(1), report(2, { callId: 'call_1' })] }],
  ['flagsTwins', { reports: [report(1), report(2, { flags: ['second_call'] })] }],
  [
    'answersUpdates',
    { done: [{ act: 'stop', attempt: 1, atMs: 1, answer: 'untyped', answeredMs: 2 }] },
  ],
])('%s finds its violation', (rule, changes) => {
  expect(rulesOf(changes)).toContain(rule);
});

it('finds a refused request that is reported as unknown', () => {
  const refused = [{ ...sendAt(1, 100), proves: 'refused' as const }];
  const reports = [report(1, { outcome: 'unknown' })];
  expect(rulesOf({ sends: refused, dials: [], reports })).toContain('believesRefusals');
});

it('finds a final status that was taken from the answer to the request', () => {
  const answer = { ...PLAIN.answer, kind: 'says failed' as const };
  const reports = [report(1), report(2, { outcome: 'failed' })];
  expect(rulesOf({ plan: { answer }, reports })).toContain('doubtsAnswers');
});

it('finds a redialNow that did not end the delay', () => {
  const done = [
    { act: 'redial now', attempt: 1, atMs: 400, answer: 'accepted', answeredMs: 410 },
  ] as const;
  const sends = [sendAt(1, 100), sendAt(2, 60_000)];
  expect(rulesOf({ done, sends, delay: '2h' })).toContain('actsOnRedialNow');
  expect(rulesOf({ done, delay: '2h' })).not.toContain('actsOnRedialNow');
});

it('finds a redial before an unclear request has settled', () => {
  const unclear = { ...sendAt(1, 100), proves: 'nothing' as const };
  const dials = [dialAt(2, 950)];
  expect(rulesOf({ sends: [unclear, sendAt(2, 950)], dials })).toContain('waitsToSettle');
  expect(rulesOf({ sends: [unclear, sendAt(2, 1_000)], dials })).not.toContain('waitsToSettle');
});

it('finds two listed calls without a flag, and a dial after them', () => {
  const listing = { ...PLAIN.listing, twin: true };
  const reports = [report(1, { placedBy: 'listing' }), report(2)];
  const rules = rulesOf({ plan: { listing }, reports });
  expect(rules).toEqual(expect.arrayContaining(['flagsTwins', 'stopsAfterFlags']));
});
