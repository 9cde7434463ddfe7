import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import { toReference } from '../call/dial-request';
import { type Doubt } from '../call/attempt';
import { place } from '../call/learn';
import {
  EMPTY_LISTING,
  oldestMatch,
  withPage,
  type ListedMatch,
  type Listing,
  type ListingPage,
} from '../call/listing';
import { listingGapMs, type SettleTimes } from '../call/timing';
import { find } from './activity-proxies';
import { toPage } from './answers';
import { currentMs } from './clock';
import type { Conversation } from './call-state';

/** Listings that agree on an absence prove it; one alone may be behind. */
const LISTINGS_THAT_AGREE = 2;
/** A listing longer than this is no answer: the attempt stays unclear. */
const MOST_PAGES = 200;

/** The listings of one unclear attempt: when the next one is due, and what they have shown. */
export type ListingSearch = ReturnType<typeof createListingSearch>;

/** @param agree How many complete listings without the call prove its absence. */
export function createListingSearch(
  talk: Conversation,
  doubt: Doubt,
  times: SettleTimes,
  agree = LISTINGS_THAT_AGREE,
) {
  const gapMs = listingGapMs(talk.plan.timeScale);
  let absences = 0;
  let nextMs = times.settledMs;
  let isExhausted = false;
  let hadLastLook = false;

  const search = {
    get isAbsent(): boolean {
      return absences >= agree || isExhausted;
    },

    /** When the next listing is due: the first once the request has settled, the last before the deadline. */
    dueMs(): number {
      if (!search.isAbsent) return Math.min(nextMs, times.overMs);
      return hadLastLook ? times.overMs : Math.max(nextMs, times.lastLookMs);
    },

    /** Reads one listing to its end, and adopts what it holds only then. */
    async next(cut: () => boolean): Promise<void> {
      const isLastLook = search.isAbsent;
      const untilMs = isLastLook ? times.lastMs : times.overMs;
      const listing = await readListing(talk, doubt, untilMs, cut);
      nextMs = currentMs() + gapMs;
      if (listing === undefined) return;
      if (listing.matches.length > 0) {
        adopt(talk, listing, doubt);
        return;
      }
      if (isExplained(talk, listing)) {
        talk.update({ ...talk.attempt, unconfirmed: [] });
        talk.note('a call to another number carries our reference: ignored');
        return;
      }
      if (listing.strangers + listing.unnumbered > 0) talk.flag('other_number');
      if (listing.complete) absences += 1;
      else isExhausted = true;
      hadLastLook ||= isLastLook;
    },
  };
  return search;
}

// --- internal ---

/**
 * The listing, page by page, until it is complete or longer than is read.
 *
 * @returns `undefined` where it was cut, or a page could not be had in time.
 */
async function readListing(
  talk: Conversation,
  doubt: Doubt,
  untilMs: number,
  cut: () => boolean,
): Promise<Listing | undefined> {
  let listing = EMPTY_LISTING;
  for (let pages = 0; pages < MOST_PAGES && !listing.complete; pages += 1) {
    const page = await readPage(talk, listing, untilMs, cut);
    if (page === undefined) return undefined;
    listing = withPage(listing, page, doubt.earliestMs);
  }
  return listing;
}

async function readPage(
  talk: Conversation,
  { offset, limit }: Listing,
  untilMs: number,
  cut: () => boolean,
): Promise<ListingPage | undefined> {
  const { namespace, workflowId } = workflowInfo();
  const { plan, attempt } = talk;
  const request = {
    reference: toReference({ namespace, workflowId, attempt: attempt.number }),
    phoneNumber: plan.call.phone_number,
    offset,
    limit,
    dueMs: 0,
    timeScale: plan.timeScale,
  };
  const summary = `Look for attempt ${attempt.number} in Truedy's listing`;
  const scope = new CancellationScope({ cancellable: true });
  const page = scope
    .run(() =>
      find(plan, untilMs - currentMs()).findCall.executeWithOptions({ summary }, [request]),
    )
    .then(toPage)
    // Its time is over, or the cancellation below: there is no page to be had.
    .catch(() => undefined);
  const first = await Promise.race([page, condition(cut)]);
  if (first === undefined) scope.cancel();
  return first ?? undefined;
}

/** Whether another person's call is all that deliveries can have named: nothing was ever sent, and no row may be ours. */
function isExplained({ attempt }: Conversation, listing: Listing): boolean {
  const { strangers, unnumbered, complete } = listing;
  return attempt.doubt === undefined && complete && strangers > 0 && unnumbered === 0;
}

function adopt(talk: Conversation, { matches }: Listing, doubt: Doubt): void {
  const row = oldestMatch(matches);
  if (row === undefined) return;
  const others = matches.filter(({ callId }) => callId !== row.callId);
  const ids = [row.callId, ...row.otherIds, ...others.map(({ callId }) => callId)] as const;
  talk.update(place(talk.attempt, { ids, by: 'listing', atMs: placedMs(row, doubt) }));
  if (others.length > 0) talk.flag('second_call');
}

/** The vendor's clock tells when the row was made; by the server's clock that lies within the doubt. */
function placedMs({ createdAt }: ListedMatch, { earliestMs, latestMs }: Doubt): number {
  const createdMs = Date.parse(createdAt ?? '');
  return Number.isNaN(createdMs) ? latestMs : Math.min(Math.max(createdMs, earliestMs), latestMs);
}
