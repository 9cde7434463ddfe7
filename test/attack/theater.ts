import * as fc from 'fast-check';
import { startRig } from '../support/rig';
import { isOfTime, violations, worsened, type Violation } from './oracle';
import { play, TIME_SCALE, type Facts } from './play';
import { anyStory, silenced, type Story } from './story';
import { createVendor } from './vendor';

/** A story as it was played, and the promises that it broke. */
export interface Judged {
  readonly facts: Facts;
  readonly broken: readonly Violation[];
}

export interface Found extends Judged {
  /** By which fast-check draws the story again. */
  readonly path: string;
  /** How many stories had been played by then. */
  readonly played: number;
}

type Broken = Judged & { readonly index: number; readonly played: number };

/** Stories that are played at the same time, each mostly a wait. */
const AT_ONCE = 40;
/** How many simpler stories are tried at a time. */
const SIBLINGS = 12;
/** How often a story is played without its webhooks as well. */
const EVERY_SILENT = 5;
const RESTART_MS = 3_000;

export type Theater = Awaited<ReturnType<typeof openTheater>>;

/** Two workers, one of which is replaced every few seconds, the bridge, and Truedy as each story draws it. */
export async function openTheater(seed: number) {
  const vendor = createVendor();
  const options = { timeScale: TIME_SCALE, truedy: vendor.client, mayDial: vendor.mayDial };
  const rig = await startRig(options);
  const relay = startRelay(() => startRig({ ...options, taskQueue: rig.taskQueue }));
  const ending = new AbortController();
  const playing = new Set<Promise<unknown>>();
  const stage = {
    signal: ending.signal,
    client: rig.client,
    taskQueue: rig.taskQueue,
    bridge: { url: rig.webhookUrl, secret: rig.webhookSecret },
  };

  function keep<T>(one: Promise<T>): Promise<T> {
    playing.add(one);
    return one.finally(() => playing.delete(one));
  }

  async function judge(story: Story, isPaired: boolean): Promise<Judged> {
    const facts = await play(stage, vendor, story);
    const broken = violations(facts);
    if (broken.length > 0 || !isPaired || story.scenes.length > 0) return { facts, broken };
    const silent = await play(stage, vendor, silenced(story));
    return { facts, broken: [...violations(silent), ...worsened(facts, silent)] };
  }

  /** The first story that breaks a promise, and its place; what is still being played then is left alone. */
  async function firstBroken(stories: readonly Story[]): Promise<Broken | undefined> {
    const slow: number[] = [];
    let played = 0;
    const queue = [...stories.entries()];
    const isPaired = (index: number) => index % EVERY_SILENT === 0;
    let players: Promise<unknown> = Promise.resolve();
    const first = new Promise<Broken>((resolve) => {
      const one = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const [index, story] = next;
          const judged = await keep(judge(story, isPaired(index)));
          if (ending.signal.aborted) return;
          played += 1;
          if (judged.broken.length === 0) continue;
          if (judged.broken.every(isOfTime)) slow.push(index);
          else resolve({ index, played, ...judged });
        }
      };
      players = Promise.all(Array.from({ length: AT_ONCE }, one));
    });
    const others = players.then(async () => {
      // A busy machine may have been too slow for the waits of these: each is played again, alone.
      for (const index of slow) {
        const story = stories[index];
        const judged = story && (await judge(story, isPaired(index)));
        if (judged !== undefined && judged.broken.length > 0) return { index, played, ...judged };
      }
      return undefined;
    });
    const broken = await Promise.race([first, others]);
    queue.length = 0;
    return broken;
  }

  return {
    /** Plays so many stories, or the one at the path; `undefined` where all keep every promise. */
    async search(most: number, path?: string): Promise<Found | undefined> {
      const stories = path === undefined ? draw(seed, most) : draw(seed, 1, path);
      const broken = await firstBroken(stories);
      return broken && { ...broken, path: path ?? String(broken.index) };
    },

    /** Simpler stories that break a promise too, until the instant. */
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
      ending.abort();
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
    // Nothing is simpler than the simplest story.
    if (path?.includes(':')) return [];
    throw error;
  }
}

/** Replaces a worker again and again: its runs are replayed by another one. */
function startRelay(start: () => Promise<{ stop: () => Promise<void> }>) {
  const stopping = new AbortController();
  const run = async () => {
    let worker = await start();
    while (!stopping.signal.aborted) {
      await new Promise<void>((done) => {
        const timer = setTimeout(done, RESTART_MS);
        stopping.signal.addEventListener('abort', () => (clearTimeout(timer), done()));
      });
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
