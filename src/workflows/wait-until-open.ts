import type { Opening } from '../activities';
import type { CallWindow } from '../call/input';
import { local } from './activity-proxies';
import { currentMs } from './clock';
import { waitUntil, type Conversation, type Why } from './call-state';

/** Why a send waits, for the page, and the line of its timer. */
type Wait = Pick<Why, 'because' | 'title' | 'nextThere'> & {
  readonly summary: string;
  /** Default: the one that waits have before this attempt. */
  readonly phase?: 'held';
};

/** What the waits before a send end in. `known`: the call exists, or may exist, without this send. */
export type Opened = 'open' | 'known' | 'expired' | 'unwanted' | 'flagged';

/** Waits for `notBefore`, the redial's delay and the window; says whether the send is still wanted then. */
export async function untilOpen(talk: Conversation): Promise<Opened> {
  const { plan, limits } = talk;
  for (;;) {
    if (talk.isKnown) return 'known';
    if (talk.isOver) return 'unwanted';
    if (talk.isFlagged) return 'flagged';
    const nowMs = currentMs();
    const earliestMs = Math.max(nowMs, limits.notBeforeMs ?? 0);
    const opening = plan.window && (await nextOpening(plan.window, earliestMs));
    const openMs = opening?.atMs ?? earliestMs;
    if (openMs >= (limits.expiresAtMs ?? Infinity)) return 'expired';
    if (openMs <= currentMs()) return 'open';
    const isClosed = opening !== undefined && openMs > earliestMs;
    const redial = redialText(talk);
    await pause(talk, openMs, {
      ...(isClosed ? windowWait(opening, redial) : timeWait(redial)),
      ...(opening && { nextThere: opening.there }),
    });
  }
}

/** One wait before a send, which `redialNow`, `reschedule`, `stop`, a cancellation or news cut short. */
export async function pause(talk: Conversation, untilMs: number, wait: Wait): Promise<void> {
  const { summary, phase, ...why } = wait;
  const usual = talk.attempt.number === 1 ? 'waiting' : 'redial_wait';
  talk.enterLongWait(phase ?? usual, { ...why, nextAtMs: untilMs });
  await waitUntil(untilMs, () => isCut(talk), summary);
}

/** Whether a wait before a send has lost its point: the main loop looks again. */
export function isCut(talk: Conversation): boolean {
  return talk.isOver || talk.isFlagged || talk.isKnown || !talk.isAwake;
}

// --- internal ---

function nextOpening(window: CallWindow, afterMs: number): Promise<Opening> {
  const summary = 'Find when the calling window is open';
  return local().nextOpening.executeWithOptions({ summary }, [window, afterMs]);
}

function windowWait({ there }: Opening, redial: string | undefined): Wait {
  const opens = `Calling window opens ${there}`;
  return {
    title: 'outside calling hours',
    because: 'Calling hours come first: outside them no phone rings.',
    summary: redial === undefined ? opens : `Redial ${redial}: ${opens}`,
  };
}

function timeWait(redial: string | undefined): Wait {
  if (redial === undefined) {
    return {
      title: 'not before the time asked for',
      because: 'No phone rings before the time that was asked for.',
      summary: 'Wait for the time asked for',
    };
  }
  return {
    title: `attempt ${redial}`,
    because: `Attempt ${redial} waits for its delay.`,
    summary: `Redial ${redial}`,
  };
}

/** `2 of 3 after busy`; nothing for a first attempt. */
function redialText({ attempts, attempt, plan }: Conversation): string | undefined {
  const before = attempts.at(-2)?.outcome;
  if (before === undefined) return undefined;
  return `${attempt.number} of ${plan.redial.maxAttempts} after ${before}`;
}
