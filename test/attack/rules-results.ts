import {
  hasActed,
  hasMislabeledId,
  isKnown,
  isNamedByPerson,
  looksAt,
  outcomesOf,
  reportOf,
  reportsOf,
  isUnknownToLastRun,
  wasResolvedAsNotDialed,
  evidenceFor,
} from './facts-of';
import type { Rule } from './rule';
import { planOf } from './story';

const FAILURES: ReadonlySet<string> = new Set([
  'InvalidInput',
  'bad_request',
  'unauthorized',
  'forbidden',
  'insufficient_credits',
  'agent_not_found',
  'no_phone_number_configured',
  'invalid_phone_number',
  'agent_not_active',
  'validation_error',
  'payload_too_large',
  'rate_limited',
  'truedy_unreachable',
  'refused',
]);

const UNANSWERED: ReadonlySet<string> = new Set(['no_answer', 'busy', 'failed']);

// --- no result is lost ---

export const closes: Rule = ({ runEnd }) => {
  if (runEnd.kind === 'open') return [`the run is stuck in ${runEnd.phase}`];
  if (runEnd.kind === 'result' || FAILURES.has(runEnd.type ?? '')) return [];
  return [`the run failed with the type ${runEnd.type ?? '(none)'}, which is not ours`];
};

export const breaksNoTask: Rule = ({ runs }) =>
  runs.flatMap(({ brokenTasks }) =>
    brokenTasks.map((reason) => `a workflow task failed: ${reason}`),
  );

export const reportsDials: Rule = (facts) => {
  if (facts.runEnd.kind === 'open') return [];
  const reports = reportsOf(facts);
  return facts.line.dials.flatMap((dial) => {
    if (isUnknownToLastRun(facts, dial)) return [];
    const report = reports.find(({ number }) => number === dial.attempt);
    if (report === undefined)
      return [`the result does not contain attempt ${dial.attempt}, which was dialed`];
    const isResolved = wasResolvedAsNotDialed(facts, dial.attempt);
    if (report.rangPhone === false && !isResolved) {
      return [`attempt ${dial.attempt} was dialed, and is reported as not dialed`];
    }
    return [];
  });
};

export const losesNothing: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome !== 'unknown') return [];
    const dial = facts.line.dials.find(({ attempt }) => attempt === number);
    const evidence = dial && evidenceFor(facts, dial);
    if (evidence !== undefined) return [`attempt ${number} is unknown, although ${evidence}`];
    return [];
  });

export const believesRefusals: Rule = (facts) => {
  if (hasActed(facts, 'copied reference', 'failed without ids', 'answer by hand')) return [];
  return reportsOf(facts).flatMap(({ number, outcome }) => {
    const sends = facts.line.sends.filter(({ attempt }) => attempt === number);
    const isProven = sends.length > 0 && sends.every(({ proves }) => proves === 'refused');
    // A second run cannot know the answers that the first one received.
    if (outcome !== 'unknown' || !isProven || facts.runs.length > 1) return [];
    return [`attempt ${number} is unknown, although its request was refused`];
  });
};

// --- never more certain than the evidence ---

export const provesOutcomes: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome === undefined || outcome === 'unknown') return [];
    if (wasResolvedAsNotDialed(facts, number) && outcome === 'failed') return [];
    const callId = reportOf(facts, number)?.callId;
    if (callId !== undefined && isNamedByPerson(facts, number, callId)) return [];
    const looks = looksAt(facts, number);
    if (looks.some((look) => outcomesOf(look).includes(outcome))) return [];
    // A call that was in progress was answered, even if it is reported as failed.
    const wasAnswered = looks.includes('in_progress') && looks.includes('failed');
    if (wasAnswered && outcome === 'answered') return [];
    return [`attempt ${number} is ${outcome}; reports: ${looks.join(', ') || 'none'}`];
  });

/** The answer to the request itself can report failed while the phone still rings. It counts once it has settled. */
export const doubtsAnswers: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    const { answer } = planOf(facts.line.story, number);
    if (outcome !== 'failed' || answer.kind !== 'says failed') return [];
    if (wasResolvedAsNotDialed(facts, number) || hasActed(facts, 'failed without ids')) return [];
    const dial = facts.line.dials.find(({ attempt }) => attempt === number);
    if (dial === undefined || dial.end === 'failed' || dial.end === 'short') return [];
    return [`attempt ${number} is failed by the answer to its request; it ended as ${dial.end}`];
  });

export const doubtsContradictions: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome, flags = [] }) => {
    if (outcome === undefined || !UNANSWERED.has(outcome) || flags.length > 0) return [];
    const wasAnswered = facts.deliveries.some(
      (delivery) =>
        delivery.attempt === number &&
        (delivery.look === 'in_progress' || delivery.look === 'talk') &&
        delivery.plan.hasReference &&
        // The delivery counts only if the last run received it, since its result is the one that is checked.
        facts.runs.slice(-1).some((run) => isKnown(run, delivery, Infinity)),
    );
    return wasAnswered
      ? [`attempt ${number} is ${outcome} without a flag, although it was answered`]
      : [];
  });

export const namesItsOwnCalls: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, callId }) => {
    if (callId === undefined) return [];
    const ids = facts.line.dials
      .filter(({ attempt }) => attempt === number)
      .flatMap(({ ids: { own, carrier, twin } }) => [own, carrier, twin]);
    const isMisresolved = isNamedByPerson(facts, number, callId);
    if (ids.includes(callId) || isMisresolved) return [];
    return [`attempt ${number} reports a call that is not its own`];
  });

export const flagsTwins: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, flags = [], placedBy }) => {
    const plan = planOf(facts.line.story, number);
    const hasTwin = plan.listing.twin && facts.line.dials.some(({ attempt }) => attempt === number);
    const isFlagged = flags.includes('second_call');
    if (placedBy === 'listing' && hasTwin && !isFlagged) {
      return [`attempt ${number} was found twice in the listing, and is not flagged`];
    }
    const hasCopy = facts.done.some(({ act }) => act === 'copied reference');
    const hasCause = hasTwin || hasCopy || hasMislabeledId(facts, number);
    return isFlagged && !hasCause ? [`attempt ${number} is flagged without a second call`] : [];
  });

// --- people can control the call ---

export const answersUpdates: Rule = ({ done, runs }) => {
  const expected = new Set(['accepted', 'closed', 'NotNow', 'InvalidInput', '204', '200']);
  // A reset closes the run that received the update.
  if (runs.length > 1) return [];
  return done.flatMap(({ act, answer }) =>
    expected.has(answer) ? [] : [`"${act}" was answered: ${answer}`],
  );
};
