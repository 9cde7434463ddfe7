import type { PersonFacts } from './crowd';
import type { DrawnPolicy } from './draw-people';
import { dialsOf, isMisreported, neverEnds, planOf, postOf, reportsFailedOnce } from './evidence';
import { attemptOf, type Action, type Case, type Dial } from './facts';
import { lateness } from './judge-dials';
import { scaled } from './scale';

/** All calls to one person. */
export interface PersonCase extends PersonFacts {
  readonly policy: DrawnPolicy;
  readonly cases: readonly Case[];
}

export type PersonCategory =
  /** More calls at the same time than allowed. */
  | 'overlaps'
  /** Two requests within the gap. */
  | 'tooSoon'
  /** More calls on a day or in a week than allowed. */
  | 'overCap'
  | 'afterOptOut'
  /** `suppressed` without an opt-out. */
  | 'unasked'
  /** The contact workflow counts a dial not once, or holds a reservation of a call that has ended. */
  | 'miscounted';

export interface PersonViolation {
  readonly category: PersonCategory;
  readonly text: string;
  readonly atMs: number;
}

/**
 * The limits that the calls to one person break. It judges by the vendor's ledger, which has the clock of the Temporal
 * server, by the answers to opt-outs, and by what the contact workflow reports at the end.
 */
export function judgePerson(person: PersonCase): readonly PersonViolation[] {
  const sends = person.cases.flatMap(sendsOf).sort((a, b) => a.sentMs - b.sentMs);
  return [
    ...overlaps(sends, person.policy),
    ...tooSoon(sends, person.policy),
    ...overCap(sends, person.policy),
    ...afterOptOut(sends, person),
    ...unasked(person),
    ...miscounted(sends, person),
  ];
}

// --- internal ---

/** One request that dialed. */
interface Send {
  readonly ref: string;
  readonly facts: Case;
  /** When the vendor received it. */
  readonly sentMs: number;
  readonly dialedMs: number;
  /** The call is live until then at least, as far as the product can know. */
  readonly liveUntilMs: number;
}

function sendsOf(facts: Case): readonly Send[] {
  const attempts = [...new Set(facts.dials.map(({ ref }) => attemptOf(ref)))];
  return attempts.flatMap((attempt) => {
    const dials = dialsOf(attempt, facts);
    const numbers = [...new Set(dials.map(({ postNo }) => postNo))];
    return numbers.flatMap((number) => {
      const [dial, ...others] = dials.filter(({ postNo }) => postNo === number);
      if (dial === undefined) return [];
      const sentMs = postOf(dial, facts)?.atMs ?? dial.atMs;
      const liveUntilMs = liveUntil([dial, ...others], attempt, facts);
      return [{ ref: dial.ref, facts, sentMs, dialedMs: dial.atMs, liveUntilMs }];
    });
  });
}

/** Results are reported with a delay, never earlier than they are known. */
const MOMENT_MS = 2_000;

/** The instant until which the call is live. Earlier if evidence says that it ended, or a person did. */
function liveUntil(dials: readonly [Dial, ...Dial[]], attempt: number, facts: Case): number {
  const [dial] = dials;
  const plan = planOf(postOf(dial, facts), facts);
  // The vendor reported that it failed while it was live.
  if (reportsFailedOnce(plan) || isMisreported(plan)) return dial.atMs;
  const ids = new Set(dials.map(({ callId }) => callId));
  const ends = facts.truths
    .filter(({ callId }) => ids.has(callId))
    .map(({ endedMs = Infinity }) => endedMs);
  const resolvedMs = facts.actions
    .filter((action) => action.attempt === attempt && action.resolution === 'not_dialed')
    .map(({ atMs }) => atMs);
  const reports = facts.runEnds.flatMap(({ closedMs, result, failure }) => {
    const all = result?.attempts ?? failure?.attempts ?? [];
    const isUnknown = all.some((one) => one.number === attempt && one.outcome === 'unknown');
    return isUnknown || neverEnds(plan) ? [closedMs - MOMENT_MS] : [];
  });
  return Math.min(...ends, ...resolvedMs, ...reports);
}

function overlaps(sends: readonly Send[], { concurrent }: DrawnPolicy): readonly PersonViolation[] {
  const byDial = [...sends].sort((a, b) => a.dialedMs - b.dialedMs);
  return byDial.flatMap(({ ref, dialedMs: atMs }, place) => {
    const live = byDial
      .slice(0, place)
      .filter((other) => other.ref !== ref && other.liveUntilMs > atMs);
    if (live.length < concurrent) return [];
    const others = live.map((other) => other.ref).join(', ');
    return [{ category: 'overlaps', atMs, text: `${ref} was dialed during ${others}` } as const];
  });
}

function tooSoon(sends: readonly Send[], { minGap }: DrawnPolicy): readonly PersonViolation[] {
  if (minGap === undefined) return [];
  const gapMs = scaled(minGap);
  return sends.slice(1).flatMap(({ ref, sentMs: atMs }, place) => {
    const before = sends[place];
    const passedMs = atMs - (before?.sentMs ?? 0);
    if (passedMs >= gapMs || before?.ref === ref) return [];
    const text = `${ref} was sent ${passedMs} ms after ${before?.ref}; the gap is ${Math.round(gapMs)} ms`;
    return [{ category: 'tooSoon', atMs, text } as const];
  });
}

function overCap(
  sends: readonly Send[],
  { perDay, perWeek, timeZone }: DrawnPolicy,
): readonly PersonViolation[] {
  const over = (most: number, kind: 'day' | 'week') => {
    const counts = new Map<string, Set<string>>();
    return sends.flatMap(({ ref, sentMs: atMs }): readonly PersonViolation[] => {
      const date = dateOf(atMs, timeZone);
      const label = kind === 'day' ? date : mondayOf(date);
      const refs = counts.get(label) ?? new Set();
      counts.set(label, refs.add(ref));
      if (refs.size <= most) return [];
      const text = `${ref} is call ${refs.size} in the ${kind} of ${label}; ${most} are allowed`;
      return [{ category: 'overCap', atMs, text }];
    });
  };
  return [...over(perDay, 'day'), ...over(perWeek, 'week')];
}

/** The local date, such as `2026-12-01`. */
function dateOf(atMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(atMs);
}

function mondayOf(date: string): string {
  const midnightMs = Date.parse(`${date}T00:00:00Z`);
  const sinceMonday = (new Date(midnightMs).getUTCDay() + 6) % 7;
  return new Date(midnightMs - sinceMonday * 86_400_000).toISOString().slice(0, 10);
}

/** From when to when a person was opted out: certainly, and perhaps. */
interface OptedOut {
  readonly certain: readonly [fromMs: number, toMs: number];
  readonly possible: readonly [fromMs: number, toMs: number];
}

function optedOut(actions: readonly Action[]): readonly OptedOut[] {
  return actions.flatMap((action, place) => {
    if (action.name !== 'optOut') return [];
    const { answer, answeredMs = Infinity, atMs } = action;
    const back = actions.slice(place + 1).find(({ name }) => name === 'optIn');
    const backMs = back?.answer === 'accepted' ? (back.answeredMs ?? Infinity) : Infinity;
    const fromMs = answer === 'accepted' ? answeredMs : Infinity;
    return [{ certain: [fromMs, back?.atMs ?? Infinity], possible: [atMs, backMs] }];
  });
}

/** A request that was reserved before the opt-out is sent at most as late as one before `expiresAt`. */
function afterOptOut(sends: readonly Send[], { actions }: PersonCase): readonly PersonViolation[] {
  return optedOut(actions).flatMap(({ certain: [fromMs, toMs] }) =>
    sends.flatMap(({ ref, sentMs: atMs, facts }) => {
      const isForbidden = atMs > fromMs && atMs < toMs;
      if (!isForbidden || atMs <= fromMs + lateness(fromMs, atMs, facts)) return [];
      const text = `${ref} was sent ${atMs - fromMs} ms after the opt-out was recorded`;
      return [{ category: 'afterOptOut', atMs, text } as const];
    }),
  );
}

function unasked({ cases, actions }: PersonCase): readonly PersonViolation[] {
  const spans = optedOut(actions);
  return cases.flatMap(({ workflowId, startedMs, runEnds }) =>
    runEnds.flatMap(({ result, closedMs: atMs }) => {
      if (result?.outcome !== 'suppressed') return [];
      const isOptedOut = spans.some(
        ({ possible: [fromMs, toMs] }) => fromMs <= atMs && toMs >= startedMs,
      );
      if (isOptedOut) return [];
      const text = `${workflowId} is suppressed, and the person had not opted out`;
      return [{ category: 'unasked', atMs, text } as const];
    }),
  );
}

/** Every dial is counted once, and every reservation has ended with its call. */
function miscounted(
  sends: readonly Send[],
  { contact, cases }: PersonCase,
): readonly PersonViolation[] {
  if (cases.some(({ openAtMs }) => openAtMs !== undefined)) return [];
  const { dials = [], open = [] } = contact ?? {};
  const found: PersonViolation[] = [];
  const counted = [...dials, ...open].map(({ reference }) => reference);
  for (const { ref, sentMs: atMs, facts } of sends) {
    const times = counted.filter((reference) => reference === ref).length;
    const isDenied = facts.actions.some(
      ({ attempt, resolution }) => attempt === attemptOf(ref) && resolution === 'not_dialed',
    );
    if (times === 1 || (times === 0 && isDenied)) continue;
    found.push({
      category: 'miscounted',
      atMs,
      text: `${ref} was dialed, and counts ${times} times`,
    });
  }
  for (const { reference, fromMs: atMs } of open) {
    const facts = cases.find(({ workflowId }) => reference.includes(`/${workflowId}#`));
    // A reset run that never sends does not know of the reservation of the run before it.
    if (facts?.actions.some(({ name }) => name === 'reset' || name === 'again')) continue;
    found.push({
      category: 'miscounted',
      atMs,
      text: `${reference} has ended, and is still reserved`,
    });
  }
  return found;
}
