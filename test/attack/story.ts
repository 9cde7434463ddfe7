import * as fc from 'fast-check';

/**
 * What happens to one run, drawn before it starts: the caller's settings, how Truedy treats each attempt, and the acts
 * of people and operators. The first choice of every field is the simplest, which shrinking ends at.
 */
export interface Story {
  readonly settings: Settings;
  /** One plan for each attempt. Truedy treats further attempts like the last one. */
  readonly attempts: readonly [AttemptPlan, AttemptPlan, AttemptPlan];
  readonly scenes: readonly Scene[];
}

export interface Settings {
  readonly mode: 'webhook' | 'poll';
  readonly grace: '5m' | '1m' | '0s';
  readonly maxAttempts: number;
  /** The delay of every redial. Only `redialNow` ends `2h`, and the caller sends it. */
  readonly delay: '1m' | '2m' | '2h';
  /** `40m` is longer than the deadline of an attempt. */
  readonly settle: '90s' | '330s' | '40m';
  readonly artifacts: '0s' | '30s';
  readonly expiresInMs: number | null;
  readonly notBeforeInMs: number | null;
}

export interface AttemptPlan {
  readonly dialCheck: 'yes' | 'throws first' | 'not yet' | 'slow' | 'no';
  /** How long the first connection takes before the last check. */
  readonly connectMs: number;
  readonly answer: Answer;
  readonly end: EndKind;
  readonly endsAfterMs: number;
  readonly reads: 'truth' | 'missing first' | 'errors first' | 'failed first';
  /** `word`: a report of a failure also contains Truedy's outcome `failed`. */
  readonly failsBy: 'status' | 'word';
  readonly number: 'ours' | 'without plus' | 'masked';
  readonly showsReference: boolean;
  readonly listing: ListingPlan;
  readonly deliveries: readonly DeliveryPlan[];
}

export interface Answer {
  /** `no such call`: a 404 about a call, not about the agent. */
  readonly kind: 'placed' | 'says failed' | 'cut' | 'not sent' | 'no such call' | number;
  /** Whether and when a phone is dialed. Only used if the answer proves nothing. */
  readonly dials: 'immediately' | 'late' | 'never';
  readonly afterMs: number;
  /** Truedy's error code in the body. It is ignored if the status proves nothing. */
  readonly code: 'agent_not_found' | null;
}

/** How Truedy's call ends. `short`: a talk whose report contains neither duration nor start. */
export type EndKind = 'no_answer' | 'talk' | 'busy' | 'voicemail' | 'failed' | 'short';

export interface ListingPlan {
  readonly lagMs: number;
  readonly hidden: boolean;
  /** A second row with the same reference. */
  readonly twin: boolean;
  readonly number: 'ours' | 'other';
  readonly pageRows: number;
  readonly order: 'newest' | 'oldest';
  /** Other calls of the account, placed later. */
  readonly laterRows: number;
  readonly errorsFirst: number;
  /** The offset of Truedy's clock from ours. */
  readonly clockMs: number;
}

export interface DeliveryPlan {
  readonly moment: 'end' | 'join' | 'dial';
  readonly delayMs: number;
  /** Only for `end`. `full` contains how the call ended, `nudge` does not, `contradiction` reports a talk. */
  readonly says: 'full' | 'nudge' | 'contradiction';
  readonly ids: 'own' | 'both' | 'carrier' | 'carrier as own' | 'none';
  readonly hasReference: boolean;
  readonly hasNumber: boolean;
  readonly copies: number;
}

/** Acts of people, operators and strangers at one moment of the run. */
export interface Scene {
  readonly attempt: number;
  readonly at: Moment;
  readonly delayMs: number;
  readonly acts: readonly Act[];
}

/**
 * `checking`: the dial check is running. `connecting`: before the last check. `answering`: the request has arrived and
 * is not answered. `answered`: it has just been answered. `reading`, `reading again`, `listing`: Truedy delays that
 * answer until the acts are done. `redial_wait`: the run is in that phase. `closed`: the run is closed.
 */
export const MOMENTS = [
  'answered',
  'answering',
  'reading',
  'reading again',
  'listing',
  'redial_wait',
  'checking',
  'connecting',
  'closed',
] as const;
export type Moment = (typeof MOMENTS)[number];

export const ACTS = [
  'resolve not dialed',
  'resolve dialed',
  'resolve earlier call',
  'resolve foreign call',
  'redial now',
  'reschedule later',
  'expire soon',
  'stop',
  'cancel',
  'copied reference',
  'failed without ids',
  'answer by hand',
  'reset',
  'start again',
] as const;
export type Act = (typeof ACTS)[number];

const RESOLUTIONS = [
  'resolve not dialed',
  'resolve dialed',
  'resolve not dialed',
  'resolve earlier call',
  'resolve foreign call',
] as const satisfies readonly Act[];
const FOREIGN = [
  'copied reference',
  'failed without ids',
  'answer by hand',
] as const satisfies readonly Act[];
const ENDS = ['stop', 'cancel'] as const satisfies readonly Act[];

/** Statuses that prove nothing, then statuses that prove that no phone was dialed. */
const UNCLEAR_STATUSES = [500, 302, 408, 409, 425, 499, 502, 503, 504] as const;
const REFUSED_STATUSES = [422, 400, 401, 402, 403, 404, 405, 413, 414, 415, 431] as const;
export const DEFERRED_STATUS = 429;

export const ANSWERS_THAT_PROVE_NOTHING: ReadonlySet<Answer['kind']> = new Set([
  'cut',
  'no such call',
  ...UNCLEAR_STATUSES,
]);

const settings: fc.Arbitrary<Settings> = fc.record({
  mode: fc.constantFrom('webhook', 'poll'),
  grace: fc.constantFrom('5m', '1m', '0s'),
  maxAttempts: fc.constantFrom(1, 2, 3, 3),
  delay: rarely<Settings['delay']>('1m', ['2m', '2h']),
  settle: fc.oneof(
    { weight: 12, arbitrary: fc.constant('90s' as const) },
    { weight: 3, arbitrary: fc.constant('330s' as const) },
    { weight: 1, arbitrary: fc.constant('40m' as const) },
  ),
  artifacts: rarely<Settings['artifacts']>('0s', ['30s']),
  expiresInMs: rarely<number | null>(null, [1_500, 8_000]),
  notBeforeInMs: rarely<number | null>(null, [700]),
});

const answer: fc.Arbitrary<Answer> = fc
  .record({
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constant('placed' as const) },
      { weight: 2, arbitrary: fc.constant('says failed' as const) },
      { weight: 4, arbitrary: fc.constant('cut' as const) },
      { weight: 4, arbitrary: fc.constantFrom(...UNCLEAR_STATUSES, 'no such call' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...REFUSED_STATUSES) },
      { weight: 1, arbitrary: fc.constantFrom('not sent' as const, DEFERRED_STATUS) },
    ),
    dials: fc.constantFrom('immediately', 'late', 'never'),
    afterMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(100, 900, 3_000, 3_000) },
    ),
    code: rarely<Answer['code']>(null, ['agent_not_found']),
  })
  .map((drawn) => ({ ...drawn, dials: dialsOf(drawn) }));

const listing: fc.Arbitrary<ListingPlan> = fc.record({
  lagMs: rarely(0, [1_500]),
  hidden: rarely(false, [true]),
  twin: rarely(false, [true]),
  number: rarely<ListingPlan['number']>('ours', ['other']),
  pageRows: fc.constantFrom(100, 1, 2),
  order: rarely<ListingPlan['order']>('newest', ['oldest']),
  laterRows: fc.constantFrom(0, 3),
  errorsFirst: rarely(0, [2]),
  clockMs: rarely(0, [-599_500, -599_500, 4_000]),
});

const delivery: fc.Arbitrary<DeliveryPlan> = fc
  .record({
    moment: fc.constantFrom('end', 'end', 'join', 'dial'),
    delayMs: fc.constantFrom(0, 250, 1_500, 700),
    says: fc.constantFrom('full', 'full', 'nudge', 'contradiction'),
    ids: fc.constantFrom('own', 'both', 'carrier', 'carrier as own', 'none'),
    hasReference: fc.boolean().map((drawn) => !drawn),
    hasNumber: fc.boolean().map((drawn) => !drawn),
    copies: rarely(1, [2]),
  })
  // A delivery must identify the call by an id or by our reference.
  .map((drawn) => ({ ...drawn, hasReference: drawn.hasReference || drawn.ids === 'none' }));

const attempt: fc.Arbitrary<AttemptPlan> = fc.record({
  dialCheck: fc.oneof(
    { weight: 12, arbitrary: fc.constant('yes' as const) },
    { weight: 2, arbitrary: fc.constant('slow' as const) },
    { weight: 1, arbitrary: fc.constantFrom('throws first', 'not yet', 'no') },
  ),
  // The last value is longer than a worker may take from the hand-over to the send.
  connectMs: rarely(0, [700, 700, 12_000]),
  answer,
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('no_answer' as const, 'failed' as const) },
    { weight: 3, arbitrary: fc.constantFrom('talk' as const, 'short' as const) },
    { weight: 2, arbitrary: fc.constantFrom('busy' as const, 'voicemail' as const) },
  ),
  endsAfterMs: fc.constantFrom(150, 0, 700, 3_000, 3_000),
  reads: fc.oneof(
    { weight: 3, arbitrary: fc.constant('truth' as const) },
    { weight: 1, arbitrary: fc.constantFrom('missing first', 'errors first') },
    { weight: 1, arbitrary: fc.constant('failed first' as const) },
  ),
  failsBy: fc.constantFrom('status', 'word'),
  number: rarely<AttemptPlan['number']>('ours', ['without plus', 'masked']),
  showsReference: fc.constantFrom(true, true, true, false),
  listing,
  deliveries: fc.array(delivery, { maxLength: 3 }),
});

/** The acts that are possible at each moment. The acts of a scene reach the run in one workflow task. */
const SCENES: readonly (readonly [
  weight: number,
  moments: readonly Moment[],
  acts: readonly Act[],
])[] = [
  [6, ['answered', 'reading', 'listing'], [...RESOLUTIONS, ...RESOLUTIONS, ...FOREIGN, ...ENDS]],
  [
    4,
    ['redial_wait', 'reading again', 'reading again'],
    ['redial now', 'redial now', 'reschedule later', 'expire soon', ...ENDS],
  ],
  [4, ['answering', 'checking', 'connecting'], [...FOREIGN, ...ENDS]],
  [2, ['closed', 'answered'], ['reset', 'start again']],
];

const scene: fc.Arbitrary<Scene> = fc.oneof(
  ...SCENES.map(([weight, moments, acts]) => ({
    weight,
    arbitrary: fc.record({
      attempt: fc.constantFrom(1, 1, 1, 2, 2, 3),
      at: fc.constantFrom(...moments),
      delayMs: fc.constantFrom(60, 0, 300, 1_000),
      acts: fc.array(fc.constantFrom(...acts), { minLength: 1, maxLength: 3 }),
    }),
  })),
);

/** A random story, without a situation of `situations.ts`. */
export const plainStory: fc.Arbitrary<Story> = fc.record({
  settings,
  attempts: fc.tuple(attempt, attempt, attempt),
  scenes: fc.array(scene, { maxLength: 3 }),
});

/** The same story without webhooks, to compare with polling alone. */
export function withoutWebhooks(story: Story): Story {
  const [first, second, third] = story.attempts;
  const strip = (plan: AttemptPlan): AttemptPlan => ({ ...plan, deliveries: [] });
  return { ...story, attempts: [strip(first), strip(second), strip(third)] };
}

/** Truedy's plan for the attempt with this number. */
export function planOf(story: Story, number: number): AttemptPlan {
  const [first, second, third] = story.attempts;
  return number <= 1 ? first : number === 2 ? second : third;
}

// --- internal ---

function dialsOf({ kind, dials }: Answer): Answer['dials'] {
  if (kind === 'placed' || kind === 'says failed') return 'immediately';
  return ANSWERS_THAT_PROVE_NOTHING.has(kind) ? dials : 'never';
}

function rarely<T>(usual: T, others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}
