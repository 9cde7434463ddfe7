/** One row of Truedy's listing that carries our reference. */
export interface ListedMatch {
  readonly callId: string;
  readonly otherIds: readonly string[];
  /** ISO 8601, or `null` if Truedy does not report it. */
  readonly createdAt: string | null;
}

/** What one page of the listing shows of an attempt. */
export interface ListingPage {
  /** How many rows the page has. An empty page is past the end of the listing. */
  readonly rows: number;
  /** Rows with our reference *and* our number. */
  readonly matches: readonly ListedMatch[];
  /** How many rows have our reference and another number. They are never adopted. */
  readonly strangers: number;
  /** How many rows have our reference and show no number. Absent in older histories. */
  readonly unnumbered?: number;
  /** The page was too long to be read, so it has to be requested with fewer rows. */
  readonly tooLong?: true;
  /** Whether its rows are ordered newest first and each has a time. */
  readonly newestFirst: boolean;
  /** The times of its first and last row, in milliseconds since 1970. */
  readonly newestMs: number | null;
  readonly oldestMs: number | null;
}

/** A listing, while it is read page by page. */
export interface Listing {
  readonly offset: number;
  readonly matches: readonly ListedMatch[];
  readonly strangers: number;
  readonly unnumbered: number;
  /** Whether all rows so far are ordered newest first. Only then does an old row end the search. */
  readonly newestFirst: boolean;
  /** The time of its first row, in milliseconds since 1970. */
  readonly newestMs: number | null;
  readonly oldestMs: number | null;
  readonly complete: boolean;
  /** How many rows to request for the next page. */
  readonly limit: number;
}

/** Truedy's largest page. docs.truedy.ai/guides/call-management. */
const MAX_ROWS = 100;

export const EMPTY_LISTING: Listing = {
  offset: 0,
  limit: MAX_ROWS,
  matches: [],
  strangers: 0,
  unnumbered: 0,
  newestFirst: true,
  newestMs: null,
  oldestMs: null,
  complete: false,
};

/** How much older than the send a row must be to end the search: Truedy's clock may differ from ours. */
const OLD_ROW_MS = 10 * 60_000;

/**
 * Adds one page to the listing. It is complete after an empty page or, if the rows are ordered newest first, after a
 * row that is more than 10 min older than the send. A short page does not complete it, because a vendor may cap its
 * pages. Rows that all have the same time do not show the order.
 */
export function withPage(listing: Listing, page: ListingPage, sentAtMs: number): Listing {
  if (page.tooLong) return { ...listing, limit: Math.max(1, Math.floor(listing.limit / 2)) };
  const follows =
    listing.oldestMs === null || page.newestMs === null || page.newestMs <= listing.oldestMs;
  const newestFirst = listing.newestFirst && page.newestFirst && follows;
  const newestMs = listing.newestMs ?? page.newestMs;
  const oldestMs = page.oldestMs ?? listing.oldestMs;
  const isOrdered = newestFirst && newestMs !== null && oldestMs !== null && newestMs > oldestMs;
  const isOld = isOrdered && oldestMs < sentAtMs - OLD_ROW_MS;
  return {
    offset: listing.offset + page.rows,
    limit: listing.limit,
    matches: [
      ...listing.matches,
      ...page.matches.filter((row) => !includesRow(listing.matches, row)),
    ],
    strangers: listing.strangers + page.strangers,
    unnumbered: listing.unnumbered + (page.unnumbered ?? 0),
    newestFirst,
    newestMs,
    oldestMs,
    complete: page.rows === 0 || isOld,
  };
}

/** The row to adopt if several carry the reference: the oldest. Rows without a valid time come last. */
export function oldestMatch(matches: readonly ListedMatch[]): ListedMatch | undefined {
  return [...matches].sort((a, b) => createdMs(a) - createdMs(b))[0];
}

// --- internal ---

// Compared as instants, because the vendor's backends write different offsets.
function createdMs({ createdAt }: ListedMatch): number {
  const ms = Date.parse(createdAt ?? '');
  return Number.isNaN(ms) ? Number.MAX_SAFE_INTEGER : ms;
}

// The same row can appear on two pages if another call is inserted in between.
function includesRow(matches: readonly ListedMatch[], row: ListedMatch): boolean {
  return matches.some((known) => known.callId === row.callId);
}
