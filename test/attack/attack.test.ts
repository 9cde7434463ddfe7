import * as fc from 'fast-check';
import { startRig, type Rig } from '../support/rig';
import { violations, worsened } from './oracle';
import { play, TIME_SCALE, type Facts } from './play';
import { print } from './print';
import { anyStory, silenced, type Story } from './story';
import { createVendor } from './vendor';

/**
 * Random histories of the real workflow on a real server, judged by an oracle that knows the promises alone.
 *
 * `ATTACK_STORIES` and `ATTACK_SEED` draw more, and others; `ATTACK_PATH` plays one story of a seed again.
 */
const STORIES = Number(process.env['ATTACK_STORIES'] ?? 80);
const SEED = Number(process.env['ATTACK_SEED'] ?? 20_261_128);
const PATH = process.env['ATTACK_PATH'];

/** Stories that are played at the same time, each mostly a wait. */
const AT_ONCE = 40;
const SHRINK_MS = Number(process.env['ATTACK_SHRINK_MS'] ?? 120_000);
const SIBLINGS = 12;
/** How often a story is played without its webhooks as well. */
const EVERY_SILENT = 5;

const vendor = createVendor();
let rig: Rig;
let other: Rig;
let isOver = false;
let restarting: Promise<void>;

const options = { timeScale: TIME_SCALE, truedy: vendor.client, mayDial: vendor.mayDial };

beforeAll(async () => {
  rig = await startRig(options);
  other = await startRig({ ...options, taskQueue: rig.taskQueue });
  restarting = restartAgainAndAgain();
});

afterAll(async () => {
  isOver = true;
  await restarting;
  await other.stop();
  await rig.stop();
});

/** Half of the runs lose their worker every few seconds, and are replayed by another one. */
async function restartAgainAndAgain(): Promise<void> {
  while (!isOver) {
    await new Promise((next) => setTimeout(next, 3_000));
    const next = await startRig({ ...options, taskQueue: rig.taskQueue });
    await other.stop();
    other = next;
  }
}

interface Judged {
  readonly facts: Facts;
  readonly broken: readonly string[];
}

async function judge(story: Story, isPaired: boolean): Promise<Judged> {
  const stage = {
    client: rig.client,
    taskQueue: rig.taskQueue,
    bridge: { url: rig.webhookUrl, secret: rig.webhookSecret },
  };
  const facts = await play(stage, vendor, story);
  const broken = violations(facts);
  if (process.env['ATTACK_LOG'])
    require('node:fs').appendFileSync(process.env['ATTACK_LOG'], print(facts, broken) + '\n====\n');
  if (broken.length > 0 || !isPaired || story.scenes.length > 0) return { facts, broken };
  const silent = await play(stage, vendor, silenced(story));
  return { facts, broken: [...violations(silent), ...worsened(facts, silent)] };
}

/** The first story that breaks a promise, and its place. */
async function firstBroken(stories: readonly Story[]) {
  const found: ({ readonly index: number } & Judged)[] = [];
  let next = 0;
  const one = async () => {
    while (next < stories.length && (process.env['ATTACK_ALL'] || found.length === 0)) {
      const index = next++;
      const story = stories[index];
      if (story === undefined) return;
      const judged = await judge(story, index % EVERY_SILENT === 0);
      if (judged.broken.length > 0) found.push({ index, ...judged });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return found[0];
}

/** Simpler stories that break a promise too, as long as there is time. */
async function shrink(path: string, judged: Judged): Promise<{ path: string; judged: Judged }> {
  const untilMs = Date.now() + SHRINK_MS;
  let simplest = { path, judged };
  while (Date.now() < untilMs) {
    const siblings = storiesAt(`${simplest.path}:0`, SIBLINGS);
    const broken = await firstBroken(siblings);
    if (broken === undefined) break;
    simplest = { path: `${simplest.path}:${broken.index}`, judged: broken };
  }
  return simplest;
}

function storiesAt(path: string, most: number): readonly Story[] {
  try {
    return fc.sample(anyStory, { seed: SEED, path, numRuns: most });
  } catch {
    // There is nothing simpler.
    return [];
  }
}

it(
  'keeps every promise in random histories',
  async () => {
    const stories =
      PATH === undefined
        ? fc.sample(anyStory, { seed: SEED, numRuns: STORIES })
        : storiesAt(PATH, 1);
    const broken = await firstBroken(stories);
    if (broken === undefined) return;
    const { path, judged } = await shrink(PATH ?? String(broken.index), broken);
    const again = `ATTACK_SEED=${SEED} ATTACK_PATH=${path} npx jest test/attack/attack.test.ts`;
    throw new Error(`${print(judged.facts, judged.broken)}\nPlay it again: ${again}`);
  },
  15 * 60_000,
);
