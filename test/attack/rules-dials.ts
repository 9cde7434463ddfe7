import { decisions, isKnown, isHiddenAndDenied, nextAfter, reportOf, reportsOf } from './facts-of';
import { RECORD_MS } from './play';
import type { Rule } from './rule';
import { planOf } from './story';

const REDIALED: ReadonlySet<string> = new Set([
  'no_answer',
  'busy',
  'voicemail',
  'declined',
  'unreachable',
  'failed',
]);

/** Redial delays at the time scale of the stories, in milliseconds. */
const DELAY_MS = { '1m': 600, '2m': 1_200, '2h': 72_000 } as const;

/** The longest time from the hand-over to the last byte, at the time scale of the stories (`sendLimits`). */
const SEND_WITHIN_MS = 11_000;

const SETTLE_MS = { '90s': 900, '330s': 3_300, '40m': 24_000 } as const;

// --- at most one dial per attempt ---

export const sendsOnce: Rule = ({ line }) =>
  line.sends.flatMap((send, index) => {
    const before = line.sends.slice(0, index).filter(({ attempt }) => attempt === send.attempt);
    const risky = before.find(({ proves }) => proves === 'placed' || proves === 'nothing');
    if (risky === undefined) return [];
    return [`attempt ${send.attempt} was sent again although its first request may have dialed`];
  });

export const sendsInOrder: Rule = ({ line, done }) =>
  line.sends.flatMap(({ attempt, atMs }) => {
    // An operator who answers an activity by hand tells the run that its request is over.
    const isDeclaredOver = (number: number) =>
      done.some((one) => one.act === 'answer by hand' && one.attempt === number);
    const open = line.sends.find(
      (send) => send.attempt < attempt && send.answeredMs > atMs && !isDeclaredOver(send.attempt),
    );
    return open === undefined
      ? []
      : [`attempt ${attempt} was sent while the request of attempt ${open.attempt} was open`];
  });

export const leavesLiveCallsAlone: Rule = (facts) =>
  facts.line.sends.flatMap(({ attempt, atMs }) =>
    facts.line.dials
      .filter((dial) => dial.attempt < attempt && dial.atMs <= atMs && dial.endedMs > atMs)
      .filter((dial) => !isHiddenAndDenied(facts, dial))
      .map(
        (dial) => `attempt ${attempt} was sent while the call of attempt ${dial.attempt} was live`,
      ),
  );

/** A request can become a dial until it has settled. `late` dials come before that. */
export const waitsForLateDials: Rule = (facts) =>
  facts.line.dials.flatMap((dial) => {
    const sent = facts.line.sends.find(
      ({ attempt, atMs }) => attempt > dial.attempt && atMs <= dial.atMs,
    );
    if (sent === undefined) return [];
    return [`attempt ${sent.attempt} was sent before attempt ${dial.attempt} was dialed`];
  });

/** Only a person can end an attempt that shows no call, and a redial still waits until the request has settled. */
export const waitsToSettle: Rule = ({ line }) =>
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

// --- no dial after a call, a stop, an expiry or a limit ---

export const stopsAfterUnknown: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, outcome }) => {
    if (outcome === undefined || REDIALED.has(outcome)) return [];
    const next = nextAfter(facts, number);
    return next === undefined ? [] : [`attempt ${next} was sent after ${outcome}`];
  });

export const stopsAfterTalk: Rule = (facts) =>
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
      // If the policy includes voicemail, an answering machine is redialed.
      if (outcome === 'voicemail' && talk.look === 'in_progress') return [];
      return [
        `attempt ${attempt} was dialed after a delivery reported that attempt ${talk.attempt} was answered`,
      ];
    });
  });

export const stopsWhenAsked: Rule = (facts) =>
  decisions(facts).flatMap(({ run, attempt, knownUpTo }) => {
    const stop = run.updates.find(({ name, eventId }) => name === 'stop' && eventId < knownUpTo);
    const isCancelled = run.cancelEventId !== null && run.cancelEventId < knownUpTo;
    if (stop !== undefined) return [`attempt ${attempt} was dialed after stop was accepted`];
    return isCancelled ? [`attempt ${attempt} was dialed after the cancellation`] : [];
  });

/** A request that is not sent yet is withdrawn: the last check before its first byte comes after the connection. */
export const stopsRequests: Rule = ({ line, done, runs }) => {
  if (runs.length > 1) return [];
  const stops = done.filter(
    ({ act, answer }) => (act === 'stop' || act === 'cancel') && answer === 'accepted',
  );
  return line.sends.flatMap(({ attempt, atMs }) =>
    stops.some(({ answeredMs }) => answeredMs + RECORD_MS / 2 < atMs)
      ? [`attempt ${attempt} was sent although it had been withdrawn`]
      : [],
  );
};

/** The time that a request takes to settle is only valid if it is sent in time. */
export const sendsInTime: Rule = ({ line }) =>
  line.sends.flatMap(({ attempt, handedMs, atMs }) =>
    atMs - handedMs > SEND_WITHIN_MS
      ? [`attempt ${attempt} was sent ${atMs - handedMs} ms after it was handed over`]
      : [],
  );

/** The next attempt does not wait for a delay that a person ended. */
export const actsOnRedialNow: Rule = ({ line, done, runs }) => {
  const { delay } = line.story.settings;
  const isMoved = done.some(({ act }) => act === 'reschedule later' || act === 'expire soon');
  if (delay !== '2h' || isMoved || runs.length > 1) return [];
  return done.flatMap(({ act, answer, answeredMs }) => {
    if (act !== 'redial now' || answer !== 'accepted') return [];
    const next = line.sends.find(({ atMs }) => atMs > answeredMs);
    const waitedMs = (next?.atMs ?? answeredMs) - answeredMs;
    return waitedMs > DELAY_MS[delay] / 2
      ? [`attempt ${next?.attempt} was sent ${waitedMs} ms after redialNow was accepted`]
      : [];
  });
};

export const keepsLimits: Rule = ({ line, limits, done }) => {
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
      ...(last?.yes === true
        ? []
        : [`attempt ${attempt} was sent without a yes from the dial check`]),
    ];
  });
};

export const keepsDelays: Rule = (facts) => {
  const { line, done } = facts;
  return line.sends.flatMap(({ attempt, atMs }) => {
    const before = line.sends.find((send) => send.attempt === attempt - 1);
    const isHurried = done.some(({ act }) => act === 'redial now' || act === 'reschedule later');
    if (before === undefined || isHurried || facts.runs.length > 1) return [];
    // An attempt cannot end before its request was sent.
    const dueMs = before.atMs + DELAY_MS[line.story.settings.delay];
    return atMs >= dueMs ? [] : [`attempt ${attempt} was sent before its delay had passed`];
  });
};

export const keepsTheInput: Rule = ({ line }) => {
  const withoutNumber = (body: string) => body.replace(/#\d+"/, '#n"');
  const bodies = new Set(line.sends.map(({ body }) => withoutNumber(body)));
  return bodies.size > 1 ? ['the body of a redial differs in more than its reference'] : [];
};

export const stopsAfterFlags: Rule = (facts) =>
  reportsOf(facts).flatMap(({ number, placedBy }) => {
    const plan = planOf(facts.line.story, number);
    if (placedBy !== 'listing' || !plan.listing.twin) return [];
    const next = nextAfter(facts, number);
    return next === undefined
      ? []
      : [`attempt ${next} was sent although the listing shows two calls`];
  });
