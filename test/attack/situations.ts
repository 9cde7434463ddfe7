import * as fc from 'fast-check';
import {
  ANSWERS_THAT_PROVE_NOTHING,
  plainStory,
  type AttemptPlan,
  type DeliveryPlan,
  type ListingPlan,
  type Story,
} from './story';

/** Changes the first attempt of a story, and what goes with it, so that a rule decides which few stories come near. */
type Situation = (story: Story) => Story;

/** A delivery ends the attempt while its request still waits for the answer. */
const slowAnswer: Situation = (story) =>
  redialing(
    story,
    ({ answer, ...plan }) => ({
      ...plan,
      answer: { ...mayHaveDialed(answer), afterMs: 3_000 },
      end: 'no_answer',
      endsAfterMs: 0,
      deliveries: [ENDING, ...plan.deliveries],
    }),
    { artifacts: '0s' },
  );

/** The same, without an id in that delivery. Then our reference appears in a call to another person. */
const copiedReference: Situation = (story) => ({
  ...slowAnswer(withFirst(story, (plan) => ({ ...plan, deliveries: [] }))),
  scenes: [
    { attempt: 1, at: 'answering', delayMs: 1_000, acts: ['copied reference'] },
    ...story.scenes,
  ],
});

/** The first reads report a failure, while the phone rings. */
const falseFailure: Situation = (story) =>
  redialing(
    story,
    (plan) => ({
      ...plan,
      answer: { kind: 'placed', dials: 'immediately', afterMs: 0, code: null },
      reads: 'failed first',
      endsAfterMs: 3_000,
      deliveries: [],
    }),
    { mode: 'webhook', grace: '0s' },
  );

/** A run is reset, and between the listing's first page and the call lie rows at the limit of the search. */
const deepListing: Situation = (story) => ({
  ...withFirst(story, (plan) => ({
    ...listed(plan, { laterRows: 3, pageRows: 1, order: 'newest', clockMs: -599_500 }),
    answer: mayHaveDialed(plan.answer),
  })),
  scenes: [{ attempt: 1, at: 'answered', delayMs: 1_000, acts: ['reset'] }],
});

/** Settling takes longer than the deadline of the attempt. */
const longSettle: Situation = (story) => ({
  ...withFirst(story, (plan) => ({ ...listed(plan, {}), answer: mayHaveDialed(plan.answer) })),
  settings: { ...story.settings, settle: '40m' },
});

/** A person reports that nothing was dialed, immediately and wrongly. */
const hastyPerson: Situation = (story) => ({
  ...redialing(
    story,
    (plan) => ({
      ...listed(plan, {}),
      answer: mayHaveDialed(plan.answer),
      endsAfterMs: 3_000,
      deliveries: [],
    }),
    { settle: '90s' },
  ),
  scenes: [
    { attempt: 1, at: 'answered', delayMs: 60, acts: ['resolve not dialed'] },
    ...story.scenes.filter(({ attempt }) => attempt > 1),
  ],
});

/** A random story. One in three is changed into a situation. */
export const anyStory: fc.Arbitrary<Story> = fc
  .tuple(plainStory, fc.nat({ max: 17 }))
  .map(([story, drawn]) => SITUATIONS[drawn - 1]?.(story) ?? story);

// --- internal ---

const SITUATIONS: readonly Situation[] = [
  slowAnswer,
  copiedReference,
  falseFailure,
  deepListing,
  longSettle,
  hastyPerson,
];

const ENDING: DeliveryPlan = {
  moment: 'end',
  delayMs: 0,
  says: 'full',
  ids: 'none',
  hasReference: true,
  hasNumber: true,
  copies: 1,
};

function withFirst(story: Story, change: (plan: AttemptPlan) => AttemptPlan): Story {
  const [first, second, third] = story.attempts;
  return { ...story, attempts: [{ ...change(first), dialCheck: 'yes' }, second, third] };
}

function redialing(
  story: Story,
  change: (plan: AttemptPlan) => AttemptPlan,
  settings: Partial<Story['settings']>,
): Story {
  return {
    ...withFirst(story, change),
    settings: { ...story.settings, maxAttempts: 3, delay: '1m', ...settings },
  };
}

/** An answer that proves nothing, of a request that dialed. */
function mayHaveDialed(answer: AttemptPlan['answer']): AttemptPlan['answer'] {
  const kind = ANSWERS_THAT_PROVE_NOTHING.has(answer.kind) ? answer.kind : 'cut';
  return { ...answer, kind, dials: 'immediately' };
}

/** The listing shows the call. */
function listed(plan: AttemptPlan, more: Partial<ListingPlan>): AttemptPlan {
  return {
    ...plan,
    number: 'ours',
    showsReference: true,
    listing: {
      ...plan.listing,
      lagMs: 0,
      hidden: false,
      twin: false,
      number: 'ours',
      errorsFirst: 0,
      ...more,
    },
  };
}
