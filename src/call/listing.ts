/** One row of the vendor's listing that carries our reference. */
export interface ListedMatch {
  readonly callId: string;
  readonly otherIds: readonly string[];
  /** ISO 8601; `null` where the vendor tells none. */
  readonly createdAt: string | null;
}

/** What one page says of an attempt. */
export interface ListingPage {
  /** How many rows it held; none means that the listing ends before it. */
  readonly rows: number;
  /** Rows with our reference *and* our number. */
  readonly matches: readonly ListedMatch[];
  /** Rows with our reference and another number: never adopted. */
  readonly strangers: number;
  /** Rows with our reference that show no number; absent in older histories. */
  readonly unnumbered?: number;
  /** The page was too long to be read, and says nothing: it has to be asked for with fewer rows. */
  readonly tooLong?: true;
  /** Whether its rows stand newest first and each tells its time. */
  readonly newestFirst: boolean;
  /** The times of its first and last row, in milliseconds since 1970. */
  readonly newestMs: number | null;
  readonly oldestMs: number | null;
}

/** A listing while it is read, page by page. */
export interface Listing {
  readonly offset: number;
  readonly matches: readonly ListedMatch[];
  readonly strangers: number;
  readonly unnumbered: number;
  /** Whether all rows so far stand newest first: only then does an old row end the search. */
  readonly newestFirst: boolean;
  /** The time of its first row, in milliseconds since 1970. */
  readonly newestMs: number | null;
  readonly oldestMs: number | null;
  readonly complete: boolean;
  /** How many rows the next page is to hold. */
  readonly limit: number;
}

/** The vendor's largest page. docs.truedy.ai/guides/call-management. */
const MOST_ROWS = 100;

export const EMPTY_LISTING: Listing = {
  offset: 0,
  limit: MOST_ROWS,
  matches: [],
  strangers: 0,
  unnumbered: 0,
  newestFirst: true,
  newestMs: null,
  oldestMs: null,
  complete: false,
};

/** Rows this much older than the send end the search: the vendor's clock may differ from ours. */
const OLDER_MS = 10 * 60_000;

/**
 * The listing after one more page. It is complete once an empty page was seen, or, while rows stand
 * newest first, one that is older than the send by 10 min. A short page is no end: a vendor may cap its pages.
 * One row alone, or rows of one time, do not show in which order the vendor lists.
 */
export function withPage(listing: Listing, page: ListingPage, sentAtMs: number): Listing {
  if (page.tooLong) return { ...listing, limit: Math.max(1, Math.floor(listing.limit / 2)) };
  const follows =
    listing.oldestMs === null || page.newestMs === null || page.newestMs <= listing.oldestMs;
  const newestFirst = listing.newestFirst && page.newestFirst && follows;
  const newestMs = listing.newestMs ?? page.newestMs;
  const oldestMs = page.oldestMs ?? listing.oldestMs;
  const isOrdered = newestFirst && newestMs !== null && oldestMs !== null && newestMs > oldestMs;
  const isOld = isOrdered && oldestMs < sentAtMs - OLDER_MS;
  return {
    offset: listing.offset + page.rows,
    limit: listing.limit,
    matches: [...listing.matches, ...page.matches.filter((row) => !holds(listing.matches, row))],
    strangers: listing.strangers + page.strangers,
    unnumbered: listing.unnumbered + (page.unnumbered ?? 0),
    newestFirst,
    newestMs,
    oldestMs,
    complete: page.rows === 0 || isOld,
  };
}

/** The row to adopt where several carry the reference: the oldest; one whose time cannot be read comes last. */
export function oldestMatch(matches: readonly ListedMatch[]): ListedMatch | undefined {
  return [...matches].sort((a, b) => createdMs(a) - createdMs(b))[0];
}

// As instants, since the vendor's dialects write them with different offsets.
function createdMs({ createdAt }: ListedMatch): number {
  const ms = Date.parse(createdAt ?? '');
  return Number.isNaN(ms) ? Number.MAX_SAFE_INTEGER : ms;
}

// A row seen twice because another call was inserted while paging is one row.
function holds(matches: readonly ListedMatch[], row: ListedMatch): boolean {
  return matches.some((known) => known.callId === row.callId);
}
