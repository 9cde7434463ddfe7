import type { Category } from './facts';
import type { Flags } from './flags';
import type { PersonCategory } from './judge-people';
import type { Outcome } from './run';
import type { PeopleOutcome } from './run-people';
import { storyOf } from './story';
import { storyOfPerson } from './story-people';

/** The maximum number of printed stories. Further ones are only counted. */
const MAX_STORIES = 20;

/** The report of a run, as text and as one JSON object. */
export function reportOf(
  outcome: Outcome,
  { calls: asked, seed, people: askedPeople }: Pick<Flags, 'calls' | 'seed' | 'people'>,
) {
  const { broken, calls, kills, freezes, unknown, seconds, skew, people } = outcome;
  const all = broken.flatMap(({ violations }) => violations);
  const count = (category: Category) =>
    all.filter((violation) => violation.category === category).length;
  const json = {
    calls,
    seed,
    kills,
    freezes,
    doubled: count('doubled'),
    lost: count('lost'),
    stuck: count('stuck'),
    wrong: count('wrong'),
    unknown,
    seconds,
    skew,
    ...(people && figuresOf(people)),
  };
  const brokenPeople = people?.broken ?? [];
  const isGood = all.length === 0 && brokenPeople.length === 0;
  const stories = [
    ...broken.slice(0, MAX_STORIES).map(storyOf),
    ...brokenPeople.slice(0, MAX_STORIES).map(storyOfPerson),
  ];
  const more = broken.length + brokenPeople.length - stories.length;
  const withPeople = askedPeople === undefined ? '' : ` --people ${askedPeople}`;
  const figures = Object.entries(json)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const text = [
    ...stories.map((story) => `\n${story}\n`),
    ...(more > 0 ? [`\n${more} more calls or people with a broken promise\n`] : []),
    figures,
    ...(isGood ? [] : [`Again: npm run chaos -- --calls ${asked} --seed ${seed}${withPeople}`]),
  ].join('\n');
  return { json, text: `${text}\n`, isGood };
}

// --- internal ---

function figuresOf({ count, optOuts, expired, suppressed, broken }: PeopleOutcome) {
  const all = broken.flatMap(({ violations }) => violations);
  const sum = (category: PersonCategory) => all.filter((one) => one.category === category).length;
  return {
    people: count,
    optOuts,
    expired,
    suppressed,
    overlaps: sum('overlaps'),
    tooSoon: sum('tooSoon'),
    overCap: sum('overCap'),
    afterOptOut: sum('afterOptOut'),
    unasked: sum('unasked'),
    miscounted: sum('miscounted'),
  };
}
