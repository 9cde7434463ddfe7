import { print } from './print';
import { openTheater, type Theater } from './theater';

/**
 * Plays random histories of the real workflow on a real server. An oracle checks them against the promises.
 *
 * `ATTACK_STORIES` sets the number of stories and `ATTACK_SEED` the seed. `ATTACK_PATH` plays one story of a seed
 * again. The search for a simpler story takes at most `ATTACK_SHRINK_MS`.
 */
const STORIES = Number(process.env['ATTACK_STORIES'] ?? 80);
const SEED = Number(process.env['ATTACK_SEED'] ?? 20_261_128);
const SHRINK_MS = Number(process.env['ATTACK_SHRINK_MS'] ?? 120_000);
const PATH = process.env['ATTACK_PATH'];

let theater: Theater;

beforeAll(async () => {
  theater = await openTheater(SEED);
});

afterAll(() => theater.close());

it(
  'keeps every promise in random histories',
  async () => {
    const found = await theater.search(STORIES, PATH);
    if (found === undefined) return;
    const simplest = await theater.simplify(found, Date.now() + SHRINK_MS);
    const again = `ATTACK_SEED=${SEED} ATTACK_PATH=${simplest.path} npx jest test/attack/attack.test.ts`;
    const story = print(simplest.facts, simplest.broken);
    throw new Error(
      `\nVIOLATION after ${found.played + 1} stories\n${story}\nPlay it again: ${again}`,
    );
  },
  15 * 60_000,
);
