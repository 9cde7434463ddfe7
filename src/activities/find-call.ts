import { matchNumber, matchReference, provesListed } from '../call/evidence';
import type { ListedMatch, ListingPage } from '../call/listing';
import type { TruedyClient } from '../truedy/client';
import type { TruedyCall } from '../truedy/truedy-call';
import { TruedyNetworkError } from '../truedy/errors';
import { askedToWaitMs, readFailed } from './retry-failures';
import { holdToTime } from './read-call';
import type { ServerQuestions } from './server-questions';

/** Which page to look at, and for what. */
export interface FindRequest {
  readonly reference: string;
  readonly phoneNumber: string;
  readonly offset: number;
  /** How many rows at most; absent in older histories. */
  readonly limit?: number;
  /** No request before this instant, in milliseconds since 1970. */
  readonly dueMs: number;
  readonly timeScale: number;
}

/** The vendor's largest page. docs.truedy.ai/guides/call-management. */
const PAGE_ROWS = 100;
const RETRY_MS = 10_000;

/** Long transcripts make long pages: the same rows are asked for in smaller ones. */
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
  /** One page of the listing. A page that fails or is malformed says nothing: it is asked for again. */
  return async function findCall(request: FindRequest): Promise<ListingPage> {
    await holdToTime(request.dueMs, server);
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
    // Written so that NaN, an untold time, fails too.
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
