import { CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import { toReference, type Placed } from '../call/attempt';
import { close, place } from '../call/attempts';
import {
  EMPTY_LISTING,
  oldestMatch,
  withPage,
  type Listing,
  type ListingPage,
} from '../call/listing';
import type { Resolution } from '../call/messages';
import { deadlineMs, listingGapMs } from '../call/pace';
import { find, read } from './activities';
import { waitUntil, type Conversation } from './conversation';
import type { Placement } from './place';

/** Two listings that agree on an absence prove it; one may be behind. */
const LISTINGS_THAT_AGREE = 2;
/** A listing longer than this is no answer: the attempt stays unclear. */
const MOST_PAGES = 200;

/**
 * unclear → adopted, resolved or unknown. No further send: a delivery, the listing or a person tells.
 *
 * Absence is not believed to the end: the attempt stays open to a late delivery or a person until its deadline.
 */
export async function settle(
  talk: Conversation,
  { reason, latestSendMs }: Extract<Placed, { kind: 'unclear' }>,
): Promise<Placement> {
  const { plan } = talk;
  const overMs = deadlineMs(plan, latestSendMs);
  const search = { listing: EMPTY_LISTING, absences: 0, pages: 0 };
  let dueMs = latestSendMs + plan.settleMs;
  for (;;) {
    if (isFound(talk)) return { kind: 'tracked' };
    if (talk.wishes.resolution !== undefined) {
      if (await actOnResolution(talk, latestSendMs, overMs)) return { kind: 'settled' };
      continue;
    }
    const isAbsent = search.absences >= LISTINGS_THAT_AGREE || search.pages >= MOST_PAGES;
    if (Date.now() >= overMs || (isAbsent && talk.wishes.cancelled)) return giveUp(talk, reason);
    if (isAbsent) {
      talk.enterLongWait('unclear', {
        because: `${lost(reason)} Two complete listings hold no such call.`,
        nextAtMs: overMs,
        lastMs: overMs,
      });
      await untilTold(talk, overMs, 'Open for a late delivery or a person', true);
    } else if (Date.now() < dueMs) {
      talk.enterLongWait('unclear', {
        because: `${lost(reason)} Truedy's listing is asked once that has settled.`,
        nextAtMs: dueMs,
        lastMs: overMs,
      });
      await untilTold(talk, Math.min(dueMs, overMs), 'Let the request settle', false);
    } else {
      talk.enterLongWait('unclear', {
        because: `${lost(reason)} Truedy's listing is being read.`,
        nextAtMs: overMs,
        lastMs: overMs,
      });
      const page = await nextPage(talk, search.listing, overMs);
      if (page === undefined) continue;
      search.pages += 1;
      search.listing = withPage(search.listing, page, latestSendMs);
      const row = oldestMatch(search.listing.matches);
      if (row !== undefined) {
        adopt(talk, search.listing, latestSendMs);
      } else if (search.listing.complete) {
        if (search.listing.strangers > 0) talk.flag('a row with our reference has another number');
        search.listing = EMPTY_LISTING;
        search.absences += 1;
        dueMs = Date.now() + listingGapMs(plan.timeScale);
      }
    }
  }
}

// --- internal ---

/** Waits for the instant, for news, or for what a person knows. */
async function untilTold(
  talk: Conversation,
  atMs: number,
  summary: string,
  orCancelled: boolean,
): Promise<void> {
  await waitUntil(atMs, () => isTold(talk) || (orCancelled && talk.wishes.cancelled), summary);
}

/** One page of the listing; `undefined` where news or a person came first, or no page could be had. */
async function nextPage(
  talk: Conversation,
  listing: Listing,
  overMs: number,
): Promise<ListingPage | undefined> {
  const { namespace, workflowId } = workflowInfo();
  const { plan, attempt } = talk;
  const scope = new CancellationScope({ cancellable: true });
  const page = scope
    .run(() =>
      find(plan, overMs - Date.now()).findCall.executeWithOptions(
        { summary: `Look for attempt ${attempt.number} in Truedy's listing` },
        [
          {
            reference: toReference({ namespace, workflowId, attempt: attempt.number }),
            phoneNumber: plan.call.phone_number,
            offset: listing.offset,
            dueMs: 0,
            timeScale: plan.timeScale,
          },
        ],
      ),
    )
    .catch((error: unknown) => {
      if (isCancellation(error) || Date.now() >= overMs) return undefined;
      throw error;
    });
  const first = await Promise.race([page, condition(() => isTold(talk))]);
  if (first === undefined) scope.cancel();
  return first ?? undefined;
}

function adopt(talk: Conversation, { matches }: Listing, sentAtMs: number): void {
  const row = oldestMatch(matches);
  if (row === undefined) return;
  const others = matches.filter(({ callId }) => callId !== row.callId);
  const ids = [row.callId, ...row.otherIds, ...others.map(({ callId }) => callId)];
  talk.update(place(talk.attempt, { ids, by: 'listing', atMs: sentAtMs }));
  if (others.length > 0) talk.flag(`${matches.length} calls carry this reference`);
}

/** Acts on what a person said; `true` where that ended the attempt. */
async function actOnResolution(
  talk: Conversation,
  sentAtMs: number,
  overMs: number,
): Promise<boolean> {
  const { resolution } = talk.wishes;
  if (resolution === undefined) return false;
  talk.isResolving = true;
  talk.wishes.resolution = undefined;
  try {
    return await believe(talk, resolution, sentAtMs, overMs);
  } finally {
    talk.isResolving = false;
  }
}

/** A person's word is enough that nothing was dialled; a call is only ours if a read shows our number. */
async function believe(
  talk: Conversation,
  resolution: Resolution,
  sentAtMs: number,
  overMs: number,
): Promise<boolean> {
  if (!resolution.dialled) {
    const reason = resolution.reason ?? 'a person said that it was not dialled';
    const ending = { outcome: 'failed', rangPhone: false, learnedBy: 'resolve', reason } as const;
    talk.update(close(talk.attempt, ending, Date.now()));
    return true;
  }
  const { plan } = talk;
  const seen = await read(plan, overMs - Date.now()).lookCall.executeWithOptions(
    { summary: 'Check the call a person named' },
    [resolution.callId, plan.call.phone_number],
  );
  if (seen.kind === 'ours') {
    talk.update(place(talk.attempt, { ids: [resolution.callId], by: 'resolve', atMs: sentAtMs }));
  } else {
    talk.note(`resolve was not taken: ${seen.because}`);
  }
  return false;
}

function giveUp(talk: Conversation, reason: string): Placement {
  const ending = { outcome: 'unknown', rangPhone: true, reason } as const;
  talk.update(close(talk.attempt, ending, Date.now()));
  return { kind: 'settled' };
}

function lost(reason: string): string {
  return `The request may have been sent: ${reason}. Nothing is sent again.`;
}

/** Whether a delivery, the listing or a person's word has established the call. */
function isFound(talk: Conversation): boolean {
  return talk.attempt.placedBy !== undefined;
}

function isTold(talk: Conversation): boolean {
  return isFound(talk) || talk.wishes.resolution !== undefined;
}
