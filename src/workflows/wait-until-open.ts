import type { Opening } from '../activities';
import type { CallWindow } from '../call/input';
import { localActivities } from './activity-proxies';
import type { PlannedCall } from './call-state';
import { currentMs, waitUntil } from './clock';
import type { PhaseReason } from './projection';

/** Why a send waits, for the details page and for the summary of the timer. */
type Wait = Pick<PhaseReason, 'because' | 'title' | 'nextThere'> & {
  readonly summary: string;
  /** Default: `waiting`, or `redial_wait` from the second attempt on. */
  readonly phase?: 'held';
  /** What else ends the wait. */
  readonly isOver?: () => boolean;
};

/** How the waits before a send end. `may_exist`: without this send, the call exists or may exist. */
export type WaitResult = 'open' | 'may_exist' | 'expired' | 'unwanted' | 'flagged';

/** Waits for `notBefore`, the delay of a redial and the calling window, and checks whether to send after that. */
export async function waitUntilOpen(call: PlannedCall): Promise<WaitResult> {
  const { window } = call.plan;
  for (;;) {
    if (call.mayExist) return 'may_exist';
    if (call.noMoreAttempts) return 'unwanted';
    if (call.isFlagged) return 'flagged';
    const earliestMs = Math.max(currentMs(), call.limits.notBeforeMs ?? 0);
    const opening = window && (await nextOpening(window, earliestMs));
    const openMs = opening?.atMs ?? earliestMs;
    if (openMs >= (call.limits.expiresAtMs ?? Infinity)) return 'expired';
    if (openMs <= currentMs()) return 'open';
    const isClosed = opening !== undefined && openMs > earliestMs;
    const redial = redialText(call);
    await waitBeforeSend(call, openMs, {
      ...(isClosed ? windowWait(opening, redial) : timeWait(redial)),
      ...(opening && { nextThere: opening.there }),
    });
  }
}

/** Waits before a send, until the instant or until the main loop has to look again. */
export async function waitBeforeSend(
  call: PlannedCall,
  untilMs: number,
  wait: Wait,
): Promise<void> {
  const { summary, phase, isOver = () => false, ...reason } = wait;
  const usual = call.attempt.number === 1 ? 'waiting' : 'redial_wait';
  call.enterLongWait(phase ?? usual, { ...reason, nextAtMs: untilMs });
  await waitUntil(untilMs, () => isInterrupted(call) || isOver(), summary);
}

/** Whether a wait before a send ends early: by `redialNow`, `reschedule`, `stop`, a cancellation, a flag or an event. */
export function isInterrupted(call: PlannedCall): boolean {
  return call.noMoreAttempts || call.isFlagged || call.mayExist || !call.hasHandledWakeups;
}

// --- internal ---

function nextOpening(window: CallWindow, afterMs: number): Promise<Opening> {
  const summary = 'Find when the calling window is open';
  return localActivities().nextOpening.executeWithOptions({ summary }, [window, afterMs]);
}

function windowWait({ there }: Opening, redial: string | undefined): Wait {
  const opens = `Calling window opens ${there}`;
  return {
    title: 'outside calling hours',
    because: 'The calling window is closed.',
    summary: redial === undefined ? opens : `Redial ${redial}: ${opens}`,
  };
}

function timeWait(redial: string | undefined): Wait {
  if (redial === undefined) {
    return {
      title: 'notBefore is in the future',
      because: 'The call is scheduled for later (`notBefore`).',
      summary: 'Wait until notBefore',
    };
  }
  return {
    title: `attempt ${redial}`,
    because: `Attempt ${redial} waits for its redial delay.`,
    summary: `Redial ${redial}`,
  };
}

/** Such as `2 of 3 after busy`; `undefined` for a first attempt. */
function redialText({ attempts, attempt, plan }: PlannedCall): string | undefined {
  const before = attempts.at(-2)?.outcome;
  if (before === undefined) return undefined;
  return `${attempt.number} of ${plan.redial.maxAttempts} after ${before}`;
}
