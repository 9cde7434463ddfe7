import type { Category } from './facts';
import type { Flags } from './flags';
import type { Outcome } from './run';
import { storyOf } from './story';

/** The maximum number of printed stories. Further ones are only counted. */
const MAX_STORIES = 20;

/** The report of a run, as text and as one JSON object. */
export function reportOf(outcome: Outcome, { calls: asked, seed }: Pick<Flags, 'calls' | 'seed'>) {
  const { broken, calls, kills, freezes, unknown, seconds, skew } = outcome;
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
  };
  const stories = broken.slice(0, MAX_STORIES).map(storyOf);
  const more = broken.length - stories.length;
  const figures = Object.entries(json)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  const text = [
    ...stories.map((story) => `\n${story}\n`),
    ...(more > 0 ? [`\n${more} more calls break a promise\n`] : []),
    figures,
    ...(all.length > 0 ? [`Again: npm run chaos -- --calls ${asked} --seed ${seed}`] : []),
  ].join('\n');
  return { json, text: `${text}\n`, isGood: all.length === 0 };
}
