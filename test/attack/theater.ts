import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { startRig } from '../support/rig';
import { dependsOnSpeed, violations, worsened, type Violation } from './oracle';
import { play, TIME_SCALE, type Facts } from './play';
import { anyStory } from './situations';
import { withoutWebhooks, type Story } from './story';
import { createVendor } from './vendor';

/** A story as it was played, and the promises that it broke. */
export interface Judged {
  readonly facts: Facts;
  readonly broken: readonly Violation[];
}

export interface Found extends Judged {
  /** The fast-check path that draws the story again. */
  readonly path: string;
  /** The number of stories played so far. */
  readonly played: number;
}

type Broken = Judged & { readonly index: number; readonly played: number };

/** The number of stories that are played concurrently. Most of each is waiting. */
const CONCURRENT = 40;
/** The number of simpler stories that each step of the search tries. */
const SIBLINGS = 12;
/** One story in this many is also played without its webhooks. */
const PAIRED_EVERY = 5;
const RESTART_MS = 3_000;

export type Theater = Awaited<ReturnType<typeof openTheater>>;

/** Starts two workers, one of which is replaced every few seconds, the bridge, and a Truedy that follows each story. */
export async function openTheater(seed: number) {
  const vendor = createVendor();
  const options = { timeScale: TIME_SCALE, truedy: vendor.client, mayDial: vendor.mayDial };
  const rig = await startRig(options);
  const relay = startRelay(() => startRig({ ...options, taskQueue: rig.taskQueue }));
  const closing = new AbortController();
  // Every story listens, and no number of them is a leak.
  setMaxListeners(0, closing.signal);
  const playing = new Set<Promise<unknown>>();
  const stage = {
    signal: closing.signal,
    client: rig.client,
    taskQueue: rig.taskQueue,
    bridge: { url: rig.webhookUrl, secret: rig.webhookSecret },
  };

  function track<T>(promise: Promise<T>): Promise<T> {
    playing.add(promise);
    return promise.finally(() => playing.delete(promise));
  }

  async function judge(story: Story, isPaired: boolean): Promise<Judged> {
    const facts = await play(stage, vendor, story);
    const broken = violations(facts);
    if (broken.length > 0 || !isPaired || story.scenes.length > 0) return { facts, broken };
    const polled = await play(stage, vendor, withoutWebhooks(story));
    return { facts, broken: [...violations(polled), ...worsened(facts, polled)] };
  }

  /** The first story that breaks a promise, with its index. Stories that are still playing then are not stopped. */
  async function firstBroken(stories: readonly Story[]): Promise<Broken | undefined> {
    const slow: number[] = [];
    let played = 0;
    const queue = [...stories.entries()];
    const isPaired = (index: number) => index % PAIRED_EVERY === 0;
    let players: Promise<unknown> = Promise.resolve();
    const first = new Promise<Broken>((resolve) => {
      const playNext = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [index, story] = next;
          const judged = await track(judge(story, isPaired(index)));
          if (closing.signal.aborted) return;
          played += 1;
          if (judged.broken.length === 0) continue;
          if (judged.broken.every(dependsOnSpeed)) slow.push(index);
          else resolve({ index, played, ...judged });
        }
      };
      players = Promise.all(Array.from({ length: CONCURRENT }, playNext));
    });
    const repeated = players.then(async () => {
      // A busy machine may have been too slow for the waits of these stories. Each is played again, alone.
      for (const index of slow) {
        const story = stories[index];
        const judged = story && (await judge(story, isPaired(index)));
        if (judged !== undefined && judged.broken.length > 0) return { index, played, ...judged };
      }
      return undefined;
    });
    const broken = await Promise.race([first, repeated]);
    queue.length = 0;
    return broken;
  }

  return {
    /** Plays this many stories, or the one at the path. Returns `undefined` if all keep every promise. */
    async search(most: number, path?: string): Promise<Found | undefined> {
      const stories = path === undefined ? draw(seed, most) : draw(seed, 1, path);
      const broken = await firstBroken(stories);
      return broken && { ...broken, path: path ?? String(broken.index) };
    },

    /** Searches for simpler stories that break a promise too, until the given instant. */
    async simplify(found: Found, untilMs: number): Promise<Found> {
      let simplest = found;
      while (Date.now() < untilMs) {
        const broken = await firstBroken(draw(seed, SIBLINGS, `${simplest.path}:0`));
        if (broken === undefined) break;
        simplest = { ...broken, played: found.played, path: `${simplest.path}:${broken.index}` };
      }
      return simplest;
    },

    async close(): Promise<void> {
      closing.abort();
      await Promise.allSettled(playing);
      await relay.stop();
      await rig.stop();
    },
  };
}

// --- internal ---

function draw(seed: number, most: number, path?: string): Story[] {
  try {
    return fc.sample(anyStory, { seed, numRuns: most, ...(path !== undefined && { path }) });
  } catch (error) {
    // The simplest story has no simpler ones.
    if (path?.includes(':')) return [];
    throw error;
  }
}

/** Replaces a worker repeatedly, so that other workers replay its runs. */
function startRelay(start: () => Promise<{ stop: () => Promise<void> }>) {
  const stopping = new AbortController();
  const run = async () => {
    let worker = await start();
    while (!stopping.signal.aborted) {
      await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) break;
      const next = await start();
      await worker.stop();
      worker = next;
    }
    await worker.stop();
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
