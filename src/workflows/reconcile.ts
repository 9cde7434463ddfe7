import { workflowInfo } from '@temporalio/workflow';
import type { LookAnswer } from '../activities';
import { candidatesOf, isPlaced, isSuspected, ownerOf, type Doubt } from '../call/attempt';
import { close, place, see, withoutCall, withoutId } from '../call/learn';
import type { Resolution } from '../call/api-types';
import { listingGapMs, lookMs, settleTimes, type SettleTimes } from '../call/timing';
import { currentMs } from './clock';
import { waitUntil, type Conversation } from './call-state';
import { openInbox, type Inbox } from './inbox';
import { createListingSearch, type ListingSearch } from './listing-search';
import { look } from './look';
import { isCut } from './wait-until-open';

/** What settling ends in. `dismissed`: what deliveries named is not ours, and nothing was sent. */
export type Settled =
  { readonly kind: 'tracked' } | { readonly kind: 'settled' } | { readonly kind: 'dismissed' };

/** One unclear attempt while it is settled; gone with it. */
interface Unclear {
  readonly inbox: Inbox;
  readonly reason: string;
  readonly times: SettleTimes;
  readonly search: ListingSearch;
  /** The call a person named, until a read has shown whose it is; the person is answered once. */
  named: { readonly id: string; isAnswered: boolean } | undefined;
  /** Ids that could not be read since the last listing. */
  readonly tried: Set<string>;
}

/**
 * unclear → adopted, resolved or unknown. No further send: a delivery, the listing or a person tells.
 *
 * Absence is not believed to the end: the attempt stays open to a late delivery or a person until its
 * deadline, and is looked for once more just before.
 */
export async function settle(talk: Conversation): Promise<Settled> {
  if (isPlaced(talk.attempt)) return { kind: 'tracked' };
  const inbox = openInbox();
  talk.wishes.inbox = inbox;
  try {
    return await untilSettled(talk, inbox);
  } finally {
    inbox.close();
    talk.wishes.inbox = undefined;
  }
}

async function untilSettled(talk: Conversation, inbox: Inbox): Promise<Settled> {
  const doubt = talk.attempt.doubt ?? unsentDoubt();
  const times = settleTimes(talk.plan, doubt.latestMs, currentMs());
  const search = createListingSearch(talk, doubt, times);
  const unclear: Unclear = {
    inbox,
    reason: doubt.reason,
    times,
    search,
    named: undefined,
    tried: new Set(),
  };
  for (;;) {
    if (isPlaced(talk.attempt)) return { kind: 'tracked' };
    const said = inbox.next();
    if (said !== undefined && isEndedBy(talk, unclear, said)) return { kind: 'settled' };
    if (isDismissed(talk)) return { kind: 'dismissed' };
    const isCancelled = search.isAbsent && talk.wishes.cancelled;
    if (currentMs() >= times.overMs || isCancelled) return giveUp(talk, unclear);
    await step(talk, unclear);
  }
}

/** One wait, or one listing: whatever is due. Ids that were named are read meanwhile. */
async function step(talk: Conversation, unclear: Unclear): Promise<void> {
  const { search, times } = unclear;
  const { timeScale } = talk.plan;
  const isChanged = () => isPlaced(talk.attempt) || unclear.inbox.hasNext;
  const dueMs = search.dueMs();
  const { because, summary } = textOf(unclear, dueMs <= currentMs());
  const nextAtMs = dueMs <= currentMs() ? times.overMs : dueMs;
  talk.enterLongWait('unclear', { because, nextAtMs, lastMs: times.overMs });
  const id = nextId(talk, unclear);
  if (id !== undefined) {
    // A person waits for the answer; what deliveries named can be read until the listing is due.
    const spanMs = id === unclear.named?.id ? lookMs(timeScale) : listingGapMs(timeScale);
    const untilMs = currentMs() + spanMs;
    await lookAt(talk, unclear, id, id === unclear.named?.id ? untilMs : Math.max(dueMs, untilMs));
  } else if (dueMs > currentMs()) {
    const isCancelled = () => search.isAbsent && talk.wishes.cancelled;
    await waitUntil(
      dueMs,
      () => isChanged() || isCancelled() || nextId(talk, unclear) !== undefined,
      summary,
    );
  } else {
    await search.next(isChanged);
    unclear.tried.clear();
  }
}

/** Reads a named id until the instant; whatever it shows is taken over. */
async function lookAt(
  talk: Conversation,
  unclear: Unclear,
  id: string,
  untilMs: number,
): Promise<void> {
  const { named, inbox, times } = unclear;
  const wasCancelled = talk.wishes.cancelled;
  const byPerson = named?.id === id;
  // One person's word is looked into before the next one's is heard.
  const isCut = () =>
    isPlaced(talk.attempt) ||
    (!byPerson && inbox.hasNext) ||
    talk.wishes.cancelled !== wasCancelled;
  const by = byPerson ? 'a person' : 'a delivery';
  const seen = await look(talk, id, Math.min(untilMs, times.overMs), isCut, by);
  unclear.tried.add(id);
  if (!byPerson) {
    if (seen !== undefined) take(talk, id, seen, 'webhook');
    return;
  }
  if (seen === undefined) talk.note('resolve is not checked yet: Truedy could not be read');
  else {
    take(talk, id, seen, 'resolve');
    unclear.named = undefined;
  }
  if (!named.isAnswered) inbox.answer();
  named.isAnswered = true;
}

/** Takes over what a read of a named id showed. */
function take(talk: Conversation, id: string, shown: LookAnswer, by: 'webhook' | 'resolve'): void {
  const seen = unlessOfAnother(talk, id, shown);
  if (seen.kind === 'ours') {
    const atMs = talk.attempt.doubt?.latestMs ?? currentMs();
    const ids = [seen.record.id, ...seen.otherIds] as const;
    talk.update(see(place(talk.attempt, { ids, by, atMs }), seen, seen.readAtMs));
    return;
  }
  const without = seen.kind === 'not_ours' ? withoutCall : withoutId;
  talk.update(without(talk.attempt, id));
  // Carriers' ids read as no call; only what speaks against the call is worth a person's time.
  if (by === 'resolve') talk.note(`resolve was not taken: ${seen.because}`);
  else if (seen.kind === 'not_ours') talk.note(`a delivery was not taken: ${seen.because}`);
}

/** A call that is known as another attempt's is not this one's, though it shows our number. */
function unlessOfAnother(talk: Conversation, id: string, seen: LookAnswer): LookAnswer {
  if (seen.kind !== 'ours') return seen;
  const owner = ownerOf(talk.attempts, [id, seen.record.id, ...seen.otherIds]);
  if (owner === undefined || owner === talk.attempt.number) return seen;
  return { kind: 'not_ours', because: `it is the call of attempt ${owner}` };
}

/** Acts on what a person said; `true` where that ended the attempt. */
function isEndedBy(talk: Conversation, unclear: Unclear, said: Resolution): boolean {
  if (said.dialled) {
    unclear.named = { id: said.callId, isAnswered: false };
    unclear.tried.delete(said.callId);
    return false;
  }
  unclear.inbox.answer();
  const by = isSuspected(talk.attempt) ? 'a delivery' : unclear.named && 'another person';
  if (by !== undefined) {
    talk.note(`resolve was not taken: ${by} names a call of this attempt`);
    return false;
  }
  const reason = said.reason ?? 'a person said that it was not dialed';
  const ending = { outcome: 'failed', rangPhone: false, learnedBy: 'resolve', reason } as const;
  talk.update(close(talk.attempt, ending, currentMs()));
  return true;
}

/**
 * Lists once more before a redial that rests on a person's word, and not before the request has settled:
 * it may still have been on its way when the person looked.
 *
 * @returns Whether the listing holds no such call.
 */
export async function confirmAbsence(talk: Conversation): Promise<boolean> {
  const { doubt } = talk.attempt;
  if (doubt === undefined) return true;
  const times = settleTimes(talk.plan, doubt.latestMs, currentMs());
  const search = createListingSearch(talk, doubt, times, 1);
  while (!search.isAbsent) {
    if (talk.isOver || talk.isFlagged || talk.isKnown || currentMs() >= times.overMs) return false;
    const dueMs = search.dueMs();
    talk.enterLongWait('redial_wait', {
      title: "Truedy's listing is read once more",
      because: 'A person said that nothing was dialed; the listing is read before a redial.',
      nextAtMs: Math.max(dueMs, currentMs()),
    });
    if (dueMs <= currentMs()) await search.next(() => isCut(talk));
    else await waitUntil(dueMs, () => isCut(talk), 'Let the request settle');
  }
  return true;
}

// --- internal ---

/** An id that was named and not read since the last listing; a person's comes first. */
function nextId(talk: Conversation, { named, tried }: Unclear): string | undefined {
  const ids = [...(named === undefined ? [] : [named.id]), ...candidatesOf(talk.attempt)];
  return ids.find((id) => !tried.has(id));
}

/** Of an attempt that this run never sent, deliveries alone raise the doubt. */
function unsentDoubt(): Doubt {
  return {
    reason: 'a delivery names this attempt, which this run has not sent',
    earliestMs: workflowInfo().startTime.getTime(),
    latestMs: currentMs(),
  };
}

function isDismissed({ attempt }: Conversation): boolean {
  return attempt.doubt === undefined && !isSuspected(attempt);
}

function giveUp(talk: Conversation, { reason }: Unclear): Settled {
  const ending = { outcome: 'unknown', rangPhone: true, reason } as const;
  talk.update(close(talk.attempt, ending, currentMs()));
  return { kind: 'settled' };
}

function textOf({ reason, search }: Unclear, isDue: boolean) {
  const lost = `The request may have been sent: ${reason}. Nothing is sent again.`;
  if (isDue)
    return { because: `${lost} Truedy's listing is being read.`, summary: 'Read the listing' };
  return search.isAbsent
    ? {
        because: `${lost} Two complete listings hold no such call.`,
        summary: 'Open for a late delivery or a person',
      }
    : {
        because: `${lost} Truedy's listing is asked once that has settled.`,
        summary: 'Let the request settle',
      };
}
