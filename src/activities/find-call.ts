import { matchNumber, matchReference, provesListed } from '../call/evidence';
import type { ListedMatch, ListingPage } from '../call/listing';
import type { TruedyClient } from '../truedy/client';
import type { TruedyCall } from '../truedy/truedy-call';
import { TruedyNetworkError } from '../truedy/errors';
import { askedToWaitMs, readFailed } from './retry-failures';
import { requireDue } from './read-call';
import type { ServerQuestions } from './server-questions';

/** Which page of the listing to read, and which call to find. */
export interface FindRequest {
  readonly reference: string;
  readonly phoneNumber: string;
  readonly offset: number;
  /** Maximum number of rows; absent in older histories. */
  readonly limit?: number;
  /** Send no request before this instant, in milliseconds since 1970. */
  readonly dueMs: number;
  readonly timeScale: number;
}

/** Truedy's largest page. docs.truedy.ai/guides/call-management. */
const PAGE_ROWS = 100;
const RETRY_MS = 10_000;

/** A page over the size limit, because of long transcripts. The workflow reads the same rows in smaller pages. */
const TOO_LONG: ListingPage = {
  rows: 0,
  tooLong: true,
  matches: [],
  strangers: 0,
  newestFirst: true,
  newestMs: null,
  oldestMs: null,
};

export function createFindCall(truedy: TruedyClient, server: ServerQuestions) {
  /** Reads one page of the listing. A failed or malformed page proves nothing, so it is read again. */
  return async function findCall(request: FindRequest): Promise<ListingPage> {
    await requireDue(request.dueMs, server);
    try {
      const rows = await truedy.listCalls({
        limit: request.limit ?? PAGE_ROWS,
        offset: request.offset,
      });
      return toPage(rows, request);
    } catch (error) {
      if (error instanceof TruedyNetworkError && error.isTooLong) return TOO_LONG;
      const waitMs = RETRY_MS / request.timeScale;
      throw readFailed(error, Math.max(waitMs, askedToWaitMs(error, Date.now())));
    }
  };
}

function toPage(rows: readonly TruedyCall[], { reference, phoneNumber }: FindRequest): ListingPage {
  const times = rows.map(({ record }) => Date.parse(record.created_at ?? ''));
  const proofs = rows.map((row) =>
    provesListed({
      number: matchNumber(row.phoneNumber, phoneNumber),
      reference: matchReference(row.reference, reference),
    }),
  );
  return {
    rows: rows.length,
    matches: rows.filter((_, index) => proofs[index] === 'placed').map(toMatch),
    strangers: proofs.filter((proof) => proof === 'other_number').length,
    unnumbered: proofs.filter((proof) => proof === 'no_number').length,
    // A missing time is NaN, which fails too.
    newestFirst: times.every(
      (time, index) => !Number.isNaN(time) && (index === 0 || time <= (times[index - 1] ?? 0)),
    ),
    newestMs: orNull(times[0]),
    oldestMs: orNull(times.at(-1)),
  };
}

function toMatch({ callId, otherIds, record }: TruedyCall): ListedMatch {
  return { callId, otherIds, createdAt: record.created_at };
}

function orNull(time: number | undefined): number | null {
  return time === undefined || Number.isNaN(time) ? null : time;
}
