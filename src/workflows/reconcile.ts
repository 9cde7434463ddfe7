import { workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../activities';
import type { Resolution } from '../call/api-types';
import { applyRead, dismissCall, dismissId, markEnded, markPlaced } from '../call/apply-evidence';
import { candidatesOf, isPlaced, isSuspected, ownerOf, type Doubt } from '../call/attempt';
import type { Listing } from '../call/listing';
import { listingGapMs, lookMs, settleTimes, type SettleTimes } from '../call/timing';
import type { PlannedCall } from './call-state';
import { currentMs, waitUntil } from './clock';
import type { Inbox } from './inbox';
import { createListingSearch, type ListingSearch } from './listing-search';
import { verifyCallId } from './verify-call-id';
import { isInterrupted } from './wait-until-open';

/** How an unclear attempt was reconciled. */
export type Reconciled =
  /** The call exists. It is live, or has already ended. */
  | { readonly kind: 'exists' }
  /** The attempt is `unknown`, or an operator reported that it was not dialed. */
  | { readonly kind: 'closed' }
  /** Nothing was sent, and the calls that deliveries named belong to others. */
  | { readonly kind: 'dismissed' };

/** The work on one unclear attempt. */
interface Unclear {
  readonly inbox: Inbox;
  readonly reason: string;
  readonly times: SettleTimes;
  readonly search: ListingSearch;
  /** The call an operator named, until a read shows whose it is. The operator's update is answered once. */
  named: { readonly id: string; isAnswered: boolean } | undefined;
  /** Ids that were read, or could not be, since the last listing. */
  readonly tried: Set<string>;
}

/**
 * Finds out whether the call of an unclear attempt exists: from a delivery, the call listing or an operator. Nothing
 * is sent again.
 *
 * Absence from the listing is not final: the attempt stays open to a late delivery or an operator until its deadline,
 * and the listing is read once more just before it.
 */
export async function reconcile(call: PlannedCall): Promise<Reconciled> {
  if (isPlaced(call.attempt)) return { kind: 'exists' };
  const inbox = call.openInbox();
  try {
    return await untilReconciled(call, inbox);
  } finally {
    call.closeInbox();
  }
}

/**
 * Reads the listing once more before a redial that relies on an operator's report, and only once the request has
 * settled: it may still have been in flight when the operator checked.
 *
 * @returns Whether the listing contains no such call.
 */
export async function confirmAbsence(call: PlannedCall): Promise<boolean> {
  const { doubt } = call.attempt;
  if (doubt === undefined) return true;
  const times = settleTimes(call.plan, doubt.latestMs, currentMs());
  const search = createListingSearch(call, doubt, times, 1);
  while (!search.isAbsent) {
    if (call.noMoreAttempts || call.isFlagged || call.mayExist) return false;
    if (currentMs() >= times.overMs) return false;
    const dueMs = search.dueMs();
    call.enterLongWait('redial_wait', {
      title: "Truedy's call listing is read once more",
      because: 'An operator reported that nothing was dialed; the listing is read before a redial.',
      nextAtMs: Math.max(dueMs, currentMs()),
    });
    if (dueMs <= currentMs()) await search.next(() => isInterrupted(call));
    else await waitUntil(dueMs, () => isInterrupted(call), 'Let the request settle');
  }
  return true;
}

// --- internal ---

async function untilReconciled(call: PlannedCall, inbox: Inbox): Promise<Reconciled> {
  const doubt = call.attempt.doubt ?? unsentDoubt();
  const known = { inbox, reason: doubt.reason, named: undefined, tried: new Set<string>() };
  const first: Unclear = { ...known, ...beginSearch(call, doubt) };
  const reconciled = await untilOver(call, first);
  if (reconciled !== undefined) return reconciled;
  if (first.search.hadLastLook) return endAsUnknown(call, first);
  // No worker ran shortly before the deadline, or Truedy did not answer. Once more, for at least 5 min from now.
  const search = beginSearch(call, doubt, first.search.unfinished());
  const second: Unclear = { ...first, tried: new Set(), ...search };
  return (await untilOver(call, second)) ?? endAsUnknown(call, second);
}

function beginSearch(call: PlannedCall, doubt: Doubt, unfinished?: Listing) {
  const times = settleTimes(call.plan, doubt.latestMs, currentMs());
  return { times, search: createListingSearch(call, doubt, times, undefined, unfinished) };
}

/** Returns `undefined` if the deadline passes first. */
async function untilOver(call: PlannedCall, unclear: Unclear): Promise<Reconciled | undefined> {
  const { inbox, search, times } = unclear;
  for (;;) {
    if (isPlaced(call.attempt)) return { kind: 'exists' };
    const resolution = inbox.next();
    if (resolution !== undefined && endsAttempt(call, unclear, resolution)) {
      return { kind: 'closed' };
    }
    if (isDismissed(call)) return { kind: 'dismissed' };
    if (search.isAbsent && call.isCancelRequested) return endAsUnknown(call, unclear);
    if (currentMs() >= times.overMs) return undefined;
    await takeStep(call, unclear);
  }
}

/** Does what is due: reads an id that was named, reads the listing, or waits for the next listing. */
async function takeStep(call: PlannedCall, unclear: Unclear): Promise<void> {
  const { search, times } = unclear;
  const { timeScale } = call.plan;
  const isChanged = () => isPlaced(call.attempt) || unclear.inbox.hasNext;
  const dueMs = search.dueMs();
  const { because, summary } = textOf(unclear, dueMs <= currentMs());
  const nextAtMs = dueMs <= currentMs() ? times.overMs : dueMs;
  call.enterLongWait('unclear', { because, nextAtMs, lastMs: times.overMs });
  const id = nextId(call, unclear);
  if (id !== undefined) {
    // An operator waits for the response; an id from a delivery can be read until the listing is due.
    const byOperator = id === unclear.named?.id;
    const untilMs = currentMs() + (byOperator ? lookMs(timeScale) : listingGapMs(timeScale));
    await checkId(call, unclear, id, byOperator ? untilMs : Math.max(dueMs, untilMs));
  } else if (dueMs > currentMs()) {
    const isCancelled = () => search.isAbsent && call.isCancelRequested;
    await waitUntil(
      dueMs,
      () => isChanged() || isCancelled() || nextId(call, unclear) !== undefined,
      summary,
    );
  } else {
    await search.next(isChanged);
    unclear.tried.clear();
  }
}

/** Reads a named id until the instant, and applies what the read shows. */
async function checkId(
  call: PlannedCall,
  unclear: Unclear,
  id: string,
  untilMs: number,
): Promise<void> {
  const { named, inbox, times } = unclear;
  const wasCancelled = call.isCancelRequested;
  const byOperator = named?.id === id;
  // The resolution of one operator is checked before the next one is taken.
  const shouldStop = () =>
    isPlaced(call.attempt) ||
    (!byOperator && inbox.hasNext) ||
    call.isCancelRequested !== wasCancelled;
  const namedBy = byOperator ? 'an operator' : 'a delivery';
  const seen = await verifyCallId(call, id, Math.min(untilMs, times.overMs), shouldStop, namedBy);
  unclear.tried.add(id);
  if (!byOperator) {
    if (seen !== undefined) applyLook(call, id, seen, 'webhook');
    return;
  }
  if (seen === undefined) call.addNote('resolve is not verified yet: Truedy could not be read');
  else {
    applyLook(call, id, seen, 'resolve');
    unclear.named = undefined;
  }
  if (!named.isAnswered) inbox.answer();
  named.isAnswered = true;
}

function applyLook(
  call: PlannedCall,
  id: string,
  shown: LookAnswer,
  by: 'webhook' | 'resolve',
): void {
  const seen = unlessOfAnother(call, id, shown);
  if (seen.kind === 'ours') {
    const atMs = call.attempt.doubt?.latestMs ?? currentMs();
    const ids = [seen.record.id, ...seen.otherIds] as const;
    call.updateAttempt(applyRead(markPlaced(call.attempt, { ids, by, atMs }), seen, seen.readAtMs));
    return;
  }
  const dismiss = seen.kind === 'not_ours' ? dismissCall : dismissId;
  call.updateAttempt(dismiss(call.attempt, id));
  // Truedy has no call by a carrier's id, so only a read that contradicts a delivery is worth a note.
  if (by === 'resolve') call.addNote(`resolve was rejected: ${seen.because}`);
  else if (seen.kind === 'not_ours') call.addNote(`a delivery was rejected: ${seen.because}`);
}

/** Rejects the call of another attempt, which has the same phone number. */
function unlessOfAnother(call: PlannedCall, id: string, seen: LookAnswer): LookAnswer {
  if (seen.kind !== 'ours') return seen;
  const owner = ownerOf(call.attempts, [id, seen.record.id, ...seen.otherIds]);
  if (owner === undefined || owner === call.attempt.number) return seen;
  return { kind: 'not_ours', because: `it is the call of attempt ${owner}` };
}

/** Applies an operator's resolution. Returns whether it ended the attempt. */
function endsAttempt(call: PlannedCall, unclear: Unclear, resolution: Resolution): boolean {
  if (resolution.dialled) {
    unclear.named = { id: resolution.callId, isAnswered: false };
    unclear.tried.delete(resolution.callId);
    return false;
  }
  unclear.inbox.answer();
  const by = isSuspected(call.attempt) ? 'a delivery' : unclear.named && 'another operator';
  if (by !== undefined) {
    call.addNote(`resolve was rejected: ${by} names a call of this attempt`);
    return false;
  }
  const reason = resolution.reason ?? 'an operator reported that it was not dialed';
  const ending = { outcome: 'failed', rangPhone: false, learnedBy: 'resolve', reason } as const;
  call.updateAttempt(markEnded(call.attempt, ending, currentMs()));
  return true;
}

/** An id that was named and not yet read since the last listing. An operator's id comes first. */
function nextId(call: PlannedCall, { named, tried }: Unclear): string | undefined {
  const ids = [...(named === undefined ? [] : [named.id]), ...candidatesOf(call.attempt)];
  return ids.find((id) => !tried.has(id));
}

/** The doubt about an attempt that this run has not sent, but deliveries name. */
function unsentDoubt(): Doubt {
  return {
    reason: 'a delivery names this attempt, which this run has not sent',
    earliestMs: workflowInfo().startTime.getTime(),
    latestMs: currentMs(),
  };
}

function isDismissed({ attempt }: PlannedCall): boolean {
  return attempt.doubt === undefined && !isSuspected(attempt);
}

function endAsUnknown(call: PlannedCall, { reason }: Unclear): Reconciled {
  const ending = { outcome: 'unknown', rangPhone: true, reason } as const;
  call.updateAttempt(markEnded(call.attempt, ending, currentMs()));
  return { kind: 'closed' };
}

function textOf({ reason, search }: Unclear, isDue: boolean) {
  const doubt = `The request may have been sent: ${reason}. It is not sent again.`;
  if (isDue) {
    return { because: `${doubt} Reading Truedy's call listing.`, summary: 'Read the listing' };
  }
  return search.isAbsent
    ? {
        because: `${doubt} Two complete listings contain no such call.`,
        summary: 'Wait for a late delivery or resolve',
      }
    : {
        because: `${doubt} Truedy's call listing is read once the request has settled.`,
        summary: 'Let the request settle',
      };
}
