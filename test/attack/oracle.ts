import type { AttemptReport } from '../../src/call/api-types';
import type { Delivered } from './deliveries';
import type { RunRecord } from './history';
import { HEARD_MS, type Facts } from './play';
import { planOf, type Act } from './story';
import type { Dial, Look } from './vendor';

/**
 * What no history may show, from the promises of the README and the table of `docs/unknown.md` alone. Each rule
 * returns a sentence for every violation.
 */
export function violations(facts: Facts): readonly Violation[] {
  return RULES.flatMap((rule) => rule(facts).map((text) => ({ rule: rule.name, text })));
}

/** A promise that was broken: by which rule, and how. */
export interface Violation {
  readonly rule: string;
  readonly text: string;
}

/** Whether a machine that is too slow for the waits at this time scale breaks the rule as well. */
export function isOfTime({ rule }: Violation): boolean {
  return [losesNothing, closes, worsened, stopsRequests, actsOnRedialNow].some(
    ({ name }) => name === rule,
  );
}

type Rule = (facts: Facts) => readonly string[];

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

const REDIALED: ReadonlySet<string> = new Set([
  'no_answer',
  'busy',
  'voicemail',
  'declined',
  'unreachable',
  'failed',
]);

const UNANSWERED: ReadonlySet<string> = new Set(['no_answer', 'busy', 'failed']);

/** Delays of redials at the time scale of the stories, in milliseconds. */
const DELAY_MS = { '1m': 600, '2m': 1_200, '2h': 72_000 } as const;

/** From the hand-over to the last byte, at the time scale of the stories (`sendLimits`). */
const SEND_WITHIN_MS = 11_000;

const SETTLE_MS = { '90s': 900, '330s': 3_300, '40m': 24_000 } as const;

// --- at most one ring per attempt ---

const sendsOnce: Rule = ({ line }) =>
  line.sends.flatMap((send, index) => {
    const before = line.sends.slice(0, index).filter(({ attempt }) => attempt === send.attempt);
    const risky = before.find(({ proves }) => proves === 'placed' || proves === 'nothing');
    if (risky === undefined) return [];
    return [`attempt ${send.attempt} was sent again though its first request may have rung`];
  });

const sendsInOrder: Rule = ({ line }) =>
  line.sends.flatMap(({ attempt, atMs }) => {
    const open = line.sends.find((one) => one.attempt < attempt && one.answeredMs > atMs);
    return open === undefined
      ? []
      : [`attempt ${attempt} was sent while the request of attempt ${open.attempt} was open`];
  });

const leavesLiveCallsAlone: Rule = (facts) =>
  facts.line.sends.flatMap(({ attempt, atMs }) =>
    facts.line.dials
      .filter((dial) => dial.attempt < attempt && dial.atMs <= atMs && dial.endedMs > atMs)
      .filter((dial) => !isExcused(facts, dial))
      .map(
        (dial) => `attempt ${attempt} was sent while the call of attempt ${dial.attempt} was live`,
      ),
  );

/** A request may become a dial until it has settled: `late` dials come before that. */
const waitsForLateDials: Rule = (facts) =>
  facts.line.dials.flatMap((dial) => {
    const sent = facts.line.sends.find(
      ({ attempt, atMs }) => attempt > dial.attempt && atMs <= dial.atMs,
    );
    if (sent === undefined) return [];
    return [`attempt ${sent.attempt} was sent before the dial of attempt ${dial.attempt} came`];
  });

/** Nothing but a person's word can end an attempt that no phone shows, and it is not enough before that. */
const waitsToSettle: Rule = ({ line }) =>
  line.sends.flatMap(({ attempt, atMs }) => {
    const { settle } = line.story.settings;
    const unsettled = line.sends.find(
      (send) =>
        send.attempt < attempt &&
        send.proves === 'nothing' &&
        atMs < send.atMs + SETTLE_MS[settle] &&
        !line.dials.some((dial) => dial.attempt === send.attempt && dial.atMs <= atMs),
    );
    return unsettled === undefined
      ? []
      : [`attempt ${attempt} was sent before the request of attempt ${unsettled.attempt} settled`];
  });

// --- no further dial after ... ---

const stopsAfterUnknown: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome === undefined || REDIALED.has(outcome)) return [];
    const next = nextAfter(facts, number);
    return next === undefined ? [] : [`attempt ${next} was sent after ${outcome}`];
  });

const stopsAfterTalk: Rule = (facts) =>
  decisions(facts).flatMap(({ run, attempt, knownUpTo }) => {
    const talks = facts.deliveries.filter(
      (delivery) =>
        delivery.attempt < attempt &&
        (delivery.look === 'in_progress' || delivery.look === 'talk') &&
        delivery.plan.hasReference &&
        isKnown(run, delivery, knownUpTo),
    );
    return talks.flatMap((talk) => {
      const outcome = reportOf(facts, talk.attempt)?.outcome;
      // A machine that took the call is redialed where the policy names voicemail.
      if (outcome === 'voicemail' && talk.look === 'in_progress') return [];
      return [
        `attempt ${attempt} was dialed after a delivery reported that attempt ${talk.attempt} was taken`,
      ];
    });
  });

const stopsWhenAsked: Rule = (facts) =>
  decisions(facts).flatMap(({ run, attempt, knownUpTo }) => {
    const stop = run.updates.find(({ name, eventId }) => name === 'stop' && eventId < knownUpTo);
    const isCancelled = run.cancelEventId !== null && run.cancelEventId < knownUpTo;
    if (stop !== undefined) return [`attempt ${attempt} was dialed after stop was taken`];
    return isCancelled ? [`attempt ${attempt} was dialed after the cancellation`] : [];
  });

/** A request that is not sent yet is withdrawn: the last question before its first byte is asked after the connection. */
const stopsRequests: Rule = ({ line, done, runs }) => {
  if (runs.length > 1) return [];
  const ends = done.filter(
    ({ act, answer }) => (act === 'stop' || act === 'cancel') && answer === 'taken',
  );
  return line.sends.flatMap(({ attempt, atMs }) =>
    ends.some(({ answeredMs }) => answeredMs + HEARD_MS / 2 < atMs)
      ? [`attempt ${attempt} was sent though it had been called off`]
      : [],
  );
};

/** Whoever waits for a request to settle counts on it. */
const sendsInTime: Rule = ({ line }) =>
  line.sends.flatMap(({ attempt, handedMs, atMs }) =>
    atMs - handedMs > SEND_WITHIN_MS
      ? [`attempt ${attempt} was sent ${atMs - handedMs} ms after it was handed over`]
      : [],
  );

/** The next attempt does not wait for a delay that a person ended. */
const actsOnRedialNow: Rule = ({ line, done, runs }) => {
  const { delay } = line.story.settings;
  const isMoved = done.some(({ act }) => act === 'reschedule later' || act === 'expire soon');
  if (delay !== '2h' || isMoved || runs.length > 1) return [];
  return done.flatMap(({ act, answer, answeredMs }) => {
    if (act !== 'redial now' || answer !== 'taken') return [];
    const next = line.sends.find(({ atMs }) => atMs > answeredMs);
    const waitedMs = (next?.atMs ?? answeredMs) - answeredMs;
    return waitedMs > DELAY_MS[delay] / 2
      ? [`attempt ${next?.attempt} was sent ${waitedMs} ms after redialNow was taken`]
      : [];
  });
};

const keepsLimits: Rule = ({ line, limits, done }) => {
  const { maxAttempts } = line.story.settings;
  const isMoved = done.some(({ act }) => act === 'redial now' || act === 'reschedule later');
  return line.sends.flatMap(({ attempt, atMs }) => {
    const last = line.checks.findLast((check) => check.attempt === attempt && check.atMs <= atMs);
    return [
      ...(attempt > maxAttempts ? [`attempt ${attempt} of ${maxAttempts} was sent`] : []),
      ...(atMs > limits.expiresAtMs ? [`attempt ${attempt} was sent after expiresAt`] : []),
      ...(atMs < limits.notBeforeMs && !isMoved
        ? [`attempt ${attempt} was sent before notBefore`]
        : []),
      ...(last?.yes === true ? [] : [`attempt ${attempt} was sent without the dial check's yes`]),
    ];
  });
};

const keepsDelays: Rule = (facts) => {
  const { line, done } = facts;
  return line.sends.flatMap(({ attempt, atMs }) => {
    const before = line.sends.find((send) => send.attempt === attempt - 1);
    const isHurried = done.some(({ act }) => act === 'redial now' || act === 'reschedule later');
    if (before === undefined || isHurried || facts.runs.length > 1) return [];
    // Nothing about an attempt can be known before its request was made.
    const dueMs = before.atMs + DELAY_MS[line.story.settings.delay];
    return atMs >= dueMs ? [] : [`attempt ${attempt} was sent before its delay was over`];
  });
};

const keepsTheInput: Rule = ({ line }) => {
  const plain = (body: string) => body.replace(/#\d+"/, '#n"');
  const bodies = new Set(line.sends.map(({ body }) => plain(body)));
  return bodies.size > 1 ? ['the body of a redial differs in more than its reference'] : [];
};

// --- no ending is lost ---

const closes: Rule = ({ ending }) => {
  if (ending.kind === 'open') return [`the run is stuck in ${ending.phase}`];
  if (ending.kind === 'result' || FAILURES.has(ending.type ?? '')) return [];
  return [`the run failed as ${ending.type ?? 'nothing of ours'}`];
};

const breaksNoTask: Rule = ({ runs }) =>
  runs.flatMap(({ brokenTasks }) => brokenTasks.map((why) => `a workflow task failed: ${why}`));

const reportsDials: Rule = (facts) => {
  if (facts.ending.kind === 'open') return [];
  const reports = reportsOf(facts);
  return facts.line.dials.flatMap((dial) => {
    if (wasNeverAsked(facts, dial)) return [];
    const report = reports.find(({ number }) => number === dial.attempt);
    if (report === undefined)
      return [`the result does not hold attempt ${dial.attempt}, which rang`];
    const isBelieved = wasToldNotDialed(facts, dial.attempt);
    if (report.rangPhone === false && !isBelieved) {
      return [`attempt ${dial.attempt} rang, and is reported as not rung`];
    }
    return [];
  });
};

const losesNothing: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome !== 'unknown') return [];
    const dial = facts.line.dials.find(({ attempt }) => attempt === number);
    const why = dial && whyKnown(facts, dial);
    if (why !== undefined) return [`attempt ${number} is unknown, though ${why}`];
    return [];
  });

const believesRefusals: Rule = (facts) => {
  if (hasActed(facts, 'copied reference', 'failed without ids', 'answer by hand')) return [];
  return reportsOf(facts).flatMap(({ number, outcome }) => {
    const sends = facts.line.sends.filter(({ attempt }) => attempt === number);
    const isProven = sends.length > 0 && sends.every(({ proves }) => proves === 'refused');
    // A second run cannot know what the first one was answered.
    if (outcome !== 'unknown' || !isProven || facts.runs.length > 1) return [];
    return [`attempt ${number} is unknown, though its request was refused`];
  });
};

// --- never more certain than the evidence ---

const provesOutcomes: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome === undefined || outcome === 'unknown') return [];
    if (wasToldNotDialed(facts, number) && outcome === 'failed') return [];
    const callId = reportOf(facts, number)?.callId;
    if (callId !== undefined && isNamedByPerson(facts, number, callId)) return [];
    const looks = looksAt(facts, number);
    if (looks.some((look) => outcomesOf(look).includes(outcome))) return [];
    // A call that was in progress was taken, however its end is reported.
    const wasTaken = looks.includes('in_progress') && looks.includes('failed');
    if (wasTaken && outcome === 'answered') return [];
    return [`attempt ${number} is ${outcome}; reports: ${looks.join(', ') || 'none'}`];
  });

/** The answer to the request itself may say failed while a phone still rings: it counts once it has settled. */
const doubtsAnswers: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    const { answer } = planOf(facts.line.story, number);
    if (outcome !== 'failed' || answer.kind !== 'says failed') return [];
    if (wasToldNotDialed(facts, number) || hasActed(facts, 'failed without ids')) return [];
    const dial = facts.line.dials.find(({ attempt }) => attempt === number);
    if (dial === undefined || dial.end === 'failed' || dial.end === 'short') return [];
    return [`attempt ${number} is failed by the answer to its request; it ended as ${dial.end}`];
  });

const doubtsContradictions: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome, flags = [] }) => {
    if (outcome === undefined || !UNANSWERED.has(outcome) || flags.length > 0) return [];
    const isTaken = facts.deliveries.some(
      (delivery) =>
        delivery.attempt === number &&
        (delivery.look === 'in_progress' || delivery.look === 'talk') &&
        delivery.plan.hasReference &&
        // Another run of the id may have been told before the one whose result it is.
        facts.runs.slice(-1).some((run) => isKnown(run, delivery, Infinity)),
    );
    return isTaken ? [`attempt ${number} is ${outcome} without a flag, though it was taken`] : [];
  });

const namesItsOwnCalls: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, callId }) => {
    if (callId === undefined) return [];
    const ids = facts.line.dials
      .filter(({ attempt }) => attempt === number)
      .flatMap(({ ids: { own, carrier, twin } }) => [own, carrier, twin]);
    const isMisled = isNamedByPerson(facts, number, callId);
    if (ids.includes(callId) || isMisled) return [];
    return [`attempt ${number} reports a call that is not its own`];
  });

const flagsTwins: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, flags = [], placedBy }) => {
    const plan = planOf(facts.line.story, number);
    const hasTwin = plan.listing.twin && facts.line.dials.some(({ attempt }) => attempt === number);
    const isFlagged = flags.includes('second_call');
    if (placedBy === 'listing' && hasTwin && !isFlagged) {
      return [`attempt ${number} was found twice in the listing, and is not flagged`];
    }
    const hasCopy = facts.done.some(({ act }) => act === 'copied reference');
    const hasCause = hasTwin || hasCopy || hasStrangeId(facts, number);
    return isFlagged && !hasCause
      ? [`attempt ${number} is flagged, and there is no second call`]
      : [];
  });

const stopsAfterFlags: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, placedBy }) => {
    const plan = planOf(facts.line.story, number);
    if (placedBy !== 'listing' || !plan.listing.twin) return [];
    const next = nextAfter(facts, number);
    return next === undefined
      ? []
      : [`attempt ${next} was sent though the listing shows two calls`];
  });

// --- a person can steer it ---

const answersUpdates: Rule = ({ done, runs }) => {
  const answers = new Set(['taken', 'closed', 'NotNow', 'InvalidInput', '204', '200']);
  // A reset ends the run that an update was sent to.
  if (runs.length > 1) return [];
  return done.flatMap(({ act, answer }) =>
    answers.has(answer) ? [] : [`"${act}" was answered: ${answer}`],
  );
};

const RULES: readonly Rule[] = [
  sendsOnce,
  sendsInOrder,
  leavesLiveCallsAlone,
  waitsForLateDials,
  waitsToSettle,
  stopsAfterUnknown,
  stopsAfterTalk,
  stopsAfterFlags,
  stopsWhenAsked,
  stopsRequests,
  sendsInTime,
  actsOnRedialNow,
  keepsLimits,
  keepsDelays,
  keepsTheInput,
  breaksNoTask,
  closes,
  reportsDials,
  losesNothing,
  believesRefusals,
  provesOutcomes,
  doubtsAnswers,
  doubtsContradictions,
  namesItsOwnCalls,
  flagsTwins,
  answersUpdates,
];

/** With the same evidence and more webhooks a result is never worse. */
export function worsened(told: Facts, silent: Facts): readonly Violation[] {
  const [quiet] = reportsOf(silent);
  const [loud] = reportsOf(told);
  if (quiet?.outcome === undefined || quiet.outcome === 'unknown') return [];
  if (loud?.outcome !== 'unknown') return [];
  const text = `attempt 1 is unknown with webhooks, and ${quiet.outcome} without`;
  return [{ rule: worsened.name, text }];
}

// --- internal ---

function hasActed({ done }: Facts, ...acts: readonly Act[]): boolean {
  return done.some(({ act }) => acts.includes(act));
}

function reportsOf({ ending }: Facts): readonly AttemptReport[] {
  if (ending.kind === 'result') return ending.result.attempts;
  return ending.kind === 'failure' ? ending.attempts : [];
}

/** A later run that ended before it came to the send knows nothing of what an earlier one dialed. */
function wasNeverAsked({ runs }: Facts, { attempt }: Dial): boolean {
  const last = runs.at(-1);
  return runs.length > 1 && last?.dials.every((dial) => dial.attempt !== attempt) === true;
}

function reportOf(facts: Facts, number: number): AttemptReport | undefined {
  return reportsOf(facts).find((report) => report.number === number);
}

function decisions({ runs }: Facts) {
  return runs.flatMap((run) => run.dials.map((dial) => ({ run, ...dial })));
}

/** An attempt after this one that the run whose result it is sent, or handed over where an earlier run did. */
function nextAfter({ line, runs }: Facts, number: number): number | undefined {
  const dials = runs.length > 1 ? runs.at(-1)?.dials : line.sends;
  return dials?.find(({ attempt }) => attempt > number)?.attempt;
}

/** Whether the delivery was in history before the event. */
function isKnown(run: RunRecord, { id }: Delivered, beforeEventId: number): boolean {
  return run.signals.some(
    ({ deliveryId, eventId }) => deliveryId === id && eventId < beforeEventId,
  );
}

/**
 * Whether a person named the call of an earlier attempt, which nothing told the run to be that: Truedy's reads show our
 * number and no reference.
 */
function isNamedByPerson(facts: Facts, number: number, callId: string): boolean {
  const earlier = facts.line.dials.find(({ ids }) => ids.own === callId);
  if (earlier === undefined || reportOf(facts, earlier.attempt)?.callId !== undefined) return false;
  const isNamed = facts.done.some(
    ({ act, attempt, answer }) =>
      act === 'resolve earlier call' && attempt === number && answer === 'taken',
  );
  return isNamed && !planOf(facts.line.story, earlier.attempt).showsReference;
}

/**
 * A call that a person said does not exist, and that the listing does not show either, cannot be respected; nor one
 * that Truedy reported as ended in a delivery that contradicts the truth.
 */
function isExcused(facts: Facts, dial: Dial): boolean {
  const { listing, showsReference, number } = planOf(facts.line.story, dial.attempt);
  const isShown =
    !listing.hidden &&
    listing.lagMs === 0 &&
    showsReference &&
    number !== 'masked' &&
    listing.number === 'ours';
  return wasToldNotDialed(facts, dial.attempt) && !isShown;
}

/** A word may meet the next attempt: of one that was sent by then it counts as well. */
function wasToldNotDialed({ line, done }: Facts, number: number): boolean {
  const sentMs = line.sends.find(({ attempt }) => attempt === number)?.atMs ?? Infinity;
  return done.some(
    ({ act, attempt, atMs, answer }) =>
      act === 'resolve not dialed' &&
      answer === 'taken' &&
      (attempt === number || (attempt < number && atMs > sentMs)),
  );
}

/** Why the outcome of a dialed call could be established; `undefined` where it could not. */
function whyKnown(facts: Facts, dial: Dial): string | undefined {
  const { line, done, deliveries, runs } = facts;
  const plan = planOf(line.story, dial.attempt);
  const send = line.sends.find(({ attempt }) => attempt === dial.attempt);
  const isCut = done.some(({ act }) => act === 'cancel');
  const told = deliveries.some(
    (delivery) =>
      delivery.attempt === dial.attempt &&
      delivery.look !== null &&
      delivery.plan.moment === 'end' &&
      delivery.plan.hasReference &&
      runs.length === 1 &&
      runs.some((run) => isKnown(run, delivery, Infinity)),
  );
  if (told) return 'a delivery reported how it ended';
  const isReplaced = hasActed(facts, 'answer by hand');
  if (send?.proves === 'placed' && runs.length === 1 && !isReplaced)
    return 'Truedy answered with its id';
  const { listing } = plan;
  const isListed =
    !listing.hidden &&
    plan.showsReference &&
    plan.number !== 'masked' &&
    listing.number === 'ours' &&
    (listing.lagMs === 0 || !isCut);
  return isListed ? 'the listing shows it' : undefined;
}

/** Every look of the call that some source reported. */
function looksAt({ line, deliveries }: Facts, number: number): readonly Look[] {
  const read = line.seen.filter(({ attempt }) => attempt === number).map(({ look }) => look);
  const delivered = deliveries
    .filter(({ attempt }) => attempt === number)
    .flatMap(({ look }) => (look === null ? [] : [look]));
  return [...new Set([...read, ...delivered])];
}

/** The outcomes that a report supports. */
function outcomesOf(look: Look): readonly string[] {
  if (look === 'talk') return ['answered'];
  // Without duration and start it is a talk only where the call was seen in progress.
  if (look === 'short') return ['answered', 'no_answer'];
  return look === 'queued' || look === 'ringing' || look === 'in_progress' ? [] : [look];
}

/** Whether a delivery named the carrier's id as Truedy's own before a read had shown whose it is. */
function hasStrangeId({ line, deliveries, runs }: Facts, number: number): boolean {
  const own = line.dials.filter(({ attempt }) => attempt === number).map(({ ids }) => ids.own);
  return deliveries.some((delivery) => {
    if (delivery.attempt !== number || delivery.plan.ids !== 'carrier as own') return false;
    // A reset sends the signals of the run again, which may come before what that had read.
    if (runs.length > 1) return true;
    return runs.some((run) => {
      const signal = run.signals.find(({ deliveryId }) => deliveryId === delivery.id);
      const read = run.reads.find(({ callId }) => own.includes(callId));
      return signal !== undefined && signal.eventId < (read?.eventId ?? Infinity);
    });
  });
}
