import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { markPlaced } from '../call/apply-evidence';
import type { Doubt } from '../call/attempt';
import { toReference } from '../call/dial-request';
import {
  EMPTY_LISTING,
  oldestMatch,
  withPage,
  type ListedMatch,
  type Listing,
  type ListingPage,
} from '../call/listing';
import { listingGapMs, type SettleTimes } from '../call/timing';
import { findActivities } from './activity-proxies';
import { toPage } from './answers';
import type { PlannedCall } from './call-state';
import { currentMs } from './clock';

/** A single listing may be out of date; this many that agree prove that the call is absent. */
const LISTINGS_THAT_AGREE = 2;
/** A longer listing is not read to its end and proves nothing: the attempt stays unclear. */
const MOST_PAGES = 200;

/** Searches Truedy's call listing for one unclear attempt: knows when to read it next, and what it has shown. */
export type ListingSearch = ReturnType<typeof createListingSearch>;

/**
 * @param agree How many complete listings without the call prove its absence.
 * @param unfinished A listing that contains the call, whose other pages could not be read in time.
 */
export function createListingSearch(
  call: PlannedCall,
  doubt: Doubt,
  times: SettleTimes,
  agree = LISTINGS_THAT_AGREE,
  unfinished: Listing = EMPTY_LISTING,
) {
  const gapMs = listingGapMs(call.plan.timeScale);
  let absences = 0;
  let nextMs = times.settledMs;
  let isExhausted = false;
  let hadLastLook = false;
  let begun = unfinished;

  const search = {
    get isAbsent(): boolean {
      return absences >= agree || isExhausted;
    },

    /** Whether the listing was read shortly before the deadline. */
    get hadLastLook(): boolean {
      return hadLastLook;
    },

    /** When the next listing is due: the first once the request has settled, the last just before the deadline. */
    dueMs(): number {
      if (!search.isAbsent) return Math.min(nextMs, times.overMs);
      return hadLastLook ? times.overMs : Math.max(nextMs, times.lastLookMs);
    },

    /** The listing to continue with, if one contains the call and was not read to its end. */
    unfinished: (): Listing => begun,

    /** Reads one whole listing, and then adopts the call it contains. */
    async next(isInterrupted: () => boolean): Promise<void> {
      const isLastLook = search.isAbsent;
      const untilMs = isLastLook ? times.lastMs : times.overMs;
      const listing = await readListing(call, begun, doubt, untilMs, isInterrupted);
      nextMs = currentMs() + gapMs;
      // Only one that contains the call is continued: in one that does not, the call may have appeared since.
      begun = !listing.complete && listing.matches.length > 0 ? listing : EMPTY_LISTING;
      if (listing.isCut) return;
      if (listing.matches.length > 0) {
        adopt(call, listing, doubt);
        return;
      }
      if (isExplained(call, listing)) {
        call.updateAttempt({ ...call.attempt, unconfirmed: [] });
        call.addNote('a call to another number carries our reference: ignored');
        return;
      }
      if (listing.strangers + listing.unnumbered > 0) call.addFlag('other_number');
      if (listing.complete) absences += 1;
      else isExhausted = true;
      hadLastLook ||= isLastLook;
    },
  };
  return search;
}

// --- internal ---

/** Reads the listing page by page, until it is complete, `MOST_PAGES` long, or cut: interrupted, or too slow. */
async function readListing(
  call: PlannedCall,
  begun: Listing,
  doubt: Doubt,
  untilMs: number,
  isInterrupted: () => boolean,
): Promise<Listing & { readonly isCut: boolean }> {
  let listing = begun;
  for (let pages = 0; pages < MOST_PAGES && !listing.complete; pages += 1) {
    const page = await readPage(call, listing, untilMs, isInterrupted);
    if (page === undefined) return { ...listing, isCut: true };
    listing = withPage(listing, page, doubt.earliestMs);
  }
  return { ...listing, isCut: false };
}

async function readPage(
  call: PlannedCall,
  { offset, limit }: Listing,
  untilMs: number,
  isInterrupted: () => boolean,
): Promise<ListingPage | undefined> {
  const { namespace, workflowId } = workflowInfo();
  const { plan, attempt } = call;
  const request = {
    reference: toReference({ namespace, workflowId, attempt: attempt.number }),
    phoneNumber: plan.call.phone_number,
    offset,
    limit,
    dueMs: 0,
    timeScale: plan.timeScale,
  };
  const options = { summary: `Look for attempt ${attempt.number} in Truedy's listing` };
  const scope = new CancellationScope({ cancellable: true });
  const page = scope
    .run(() => {
      const { findCall } = findActivities(plan, untilMs - currentMs());
      return findCall.executeWithOptions(options, [request]);
    })
    .then(toPage)
    // It timed out or was canceled below.
    .catch(() => undefined);
  const first = await Promise.race([page, condition(isInterrupted)]);
  if (first === undefined) scope.cancel();
  return first ?? undefined;
}

/** Whether a call to another number explains the deliveries: nothing was sent, and no row can be ours. */
function isExplained({ attempt }: PlannedCall, listing: Listing): boolean {
  const { strangers, unnumbered, complete } = listing;
  return attempt.doubt === undefined && complete && strangers > 0 && unnumbered === 0;
}

function adopt(call: PlannedCall, { matches }: Listing, doubt: Doubt): void {
  const row = oldestMatch(matches);
  if (row === undefined) return;
  const others = matches.filter(({ callId }) => callId !== row.callId);
  const ids = [row.callId, ...row.otherIds, ...others.map(({ callId }) => callId)] as const;
  const placed = { ids, by: 'listing', atMs: placedMs(row, doubt) } as const;
  call.updateAttempt(markPlaced(call.attempt, placed));
  if (others.length > 0) call.addFlag('second_call');
}

/** When the call was placed: the row's time by Truedy's clock, limited to when the request can have left by ours. */
function placedMs({ createdAt }: ListedMatch, { earliestMs, latestMs }: Doubt): number {
  const createdMs = Date.parse(createdAt ?? '');
  return Number.isNaN(createdMs) ? latestMs : Math.min(Math.max(createdMs, earliestMs), latestMs);
}
