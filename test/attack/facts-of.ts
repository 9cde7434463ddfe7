import type { AttemptReport } from '../../src/call/api-types';
import type { Delivered } from './deliveries';
import type { RunRecord } from './history';
import type { Facts } from './play';
import { planOf, type Act } from './story';
import type { Dial, Look } from './vendor';

export function hasActed({ done }: Facts, ...acts: readonly Act[]): boolean {
  return done.some(({ act }) => acts.includes(act));
}

export function reportsOf({ runEnd }: Facts): readonly AttemptReport[] {
  if (runEnd.kind === 'result') return runEnd.result.attempts;
  return runEnd.kind === 'failure' ? runEnd.attempts : [];
}

/** Whether the last run ended before it sent this attempt, so that it has no record of the earlier run's dial. */
export function isUnknownToLastRun({ runs }: Facts, { attempt }: Dial): boolean {
  const last = runs.at(-1);
  return runs.length > 1 && last?.dials.every((dial) => dial.attempt !== attempt) === true;
}

export function reportOf(facts: Facts, number: number): AttemptReport | undefined {
  return reportsOf(facts).find((report) => report.number === number);
}

export function decisions({ runs }: Facts) {
  return runs.flatMap((run) => run.dials.map((dial) => ({ run, ...dial })));
}

/** The next attempt that the last run sent, or scheduled if there are several runs. */
export function nextAfter({ line, runs }: Facts, number: number): number | undefined {
  const dials = runs.length > 1 ? runs.at(-1)?.dials : line.sends;
  return dials?.find(({ attempt }) => attempt > number)?.attempt;
}

/** Whether the delivery was in the history of the run before the event. */
export function isKnown(run: RunRecord, { id }: Delivered, beforeEventId: number): boolean {
  return run.signals.some(
    ({ deliveryId, eventId }) => deliveryId === id && eventId < beforeEventId,
  );
}

/**
 * Whether a person resolved the attempt with the call of an earlier attempt, and the run could not detect it: Truedy's
 * reads show the right number and no reference.
 */
export function isNamedByPerson(facts: Facts, number: number, callId: string): boolean {
  const earlier = facts.line.dials.find(({ ids }) => ids.own === callId);
  if (earlier === undefined || reportOf(facts, earlier.attempt)?.callId !== undefined) return false;
  const isNamed = facts.done.some(
    ({ act, attempt, answer }) =>
      act === 'resolve earlier call' && attempt === number && answer === 'accepted',
  );
  return isNamed && !planOf(facts.line.story, earlier.attempt).showsReference;
}

/**
 * Whether the run could not know that the call is live: a person said that it was not dialed, and the listing does not
 * show it.
 */
export function isHiddenAndDenied(facts: Facts, dial: Dial): boolean {
  const { listing, showsReference, number } = planOf(facts.line.story, dial.attempt);
  const isShown =
    !listing.hidden &&
    listing.lagMs === 0 &&
    showsReference &&
    number !== 'masked' &&
    listing.number === 'ours';
  return wasResolvedAsNotDialed(facts, dial.attempt) && !isShown;
}

/** An update can arrive after the next attempt was sent. Then it also counts for that attempt. */
export function wasResolvedAsNotDialed({ line, done }: Facts, number: number): boolean {
  const sentMs = line.sends.find(({ attempt }) => attempt === number)?.atMs ?? Infinity;
  return done.some(
    ({ act, attempt, atMs, answer }) =>
      act === 'resolve not dialed' &&
      answer === 'accepted' &&
      (attempt === number || (attempt < number && atMs > sentMs)),
  );
}

/** The evidence from which the outcome of a dialed call could be established. `undefined` if there is none. */
export function evidenceFor(facts: Facts, dial: Dial): string | undefined {
  const { line, done, deliveries, runs } = facts;
  const plan = planOf(line.story, dial.attempt);
  const send = line.sends.find(({ attempt }) => attempt === dial.attempt);
  const isCancelled = done.some(({ act }) => act === 'cancel');
  const wasDelivered = deliveries.some(
    (delivery) =>
      delivery.attempt === dial.attempt &&
      delivery.look !== null &&
      delivery.plan.moment === 'end' &&
      delivery.plan.hasReference &&
      runs.length === 1 &&
      runs.some((run) => isKnown(run, delivery, Infinity)),
  );
  if (wasDelivered) return 'a delivery reported how it ended';
  const isAnswerReplaced = hasActed(facts, 'answer by hand');
  if (send?.proves === 'placed' && runs.length === 1 && !isAnswerReplaced)
    return 'Truedy answered with its id';
  const { listing } = plan;
  const isListed =
    !listing.hidden &&
    plan.showsReference &&
    plan.number !== 'masked' &&
    listing.number === 'ours' &&
    (listing.lagMs === 0 || !isCancelled);
  return isListed ? 'the listing shows it' : undefined;
}

/** Each state of the call that a read or a delivery reported. */
export function looksAt({ line, deliveries }: Facts, number: number): readonly Look[] {
  const read = line.seen.filter(({ attempt }) => attempt === number).map(({ look }) => look);
  const delivered = deliveries
    .filter(({ attempt }) => attempt === number)
    .flatMap(({ look }) => (look === null ? [] : [look]));
  return [...new Set([...read, ...delivered])];
}

/** The outcomes that a reported state supports. */
export function outcomesOf(look: Look): readonly string[] {
  if (look === 'talk') return ['answered'];
  // Without a duration and a start, the call counts as answered only if it was seen in progress.
  if (look === 'short') return ['answered', 'no_answer'];
  return look === 'queued' || look === 'ringing' || look === 'in_progress' ? [] : [look];
}

/** Whether a delivery contained the carrier's id as Truedy's own id, before a read showed that it is the carrier's. */
export function hasMislabeledId({ line, deliveries, runs }: Facts, number: number): boolean {
  const own = line.dials.filter(({ attempt }) => attempt === number).map(({ ids }) => ids.own);
  return deliveries.some((delivery) => {
    if (delivery.attempt !== number || delivery.plan.ids !== 'carrier as own') return false;
    // A reset repeats the signals of the run, which may then come before its reads.
    if (runs.length > 1) return true;
    return runs.some((run) => {
      const signal = run.signals.find(({ deliveryId }) => deliveryId === delivery.id);
      const read = run.reads.find(({ callId }) => own.includes(callId));
      return signal !== undefined && signal.eventId < (read?.eventId ?? Infinity);
    });
  });
}
