import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Which program finds that a rule is missing, and within how many of its cases. */
export interface Catcher {
  /** `attack`: random stories of one workflow. `chaos`: real processes that are killed, frozen and skewed. */
  readonly by: 'attack' | 'chaos';
  /** At most so many stories, or calls. */
  readonly cases: number;
  /** Only for `chaos`: the calls are for so many people, with contact limits. */
  readonly people?: number;
  /** Only for `chaos`: a seed that draws what the rule needs. Default: that of the command. */
  readonly seed?: string;
}

const ATTACK: Catcher = { by: 'attack', cases: 300 };
/** Rules that few stories come near. */
const RARE: Catcher = { by: 'attack', cases: 900 };
const CHAOS: Catcher = { by: 'chaos', cases: 300 };
const PEOPLE: Catcher = { by: 'chaos', cases: 150, people: 8 };
/** One call at a time and no gap, which would keep calls apart by itself. */
const NO_GAP: Catcher = { ...PEOPLE, seed: '5' };
/** Three people who get many calls opt out half-way and for good, and no gap keeps calls from them. */
const OPT_OUTS: Catcher = { ...PEOPLE, seed: '31' };

/** By patch: the rule that it takes out. */
export const CATCHERS: Readonly<Record<string, Catcher>> = {
  'a-2xx-without-an-id-is-unclear': CHAOS,
  'a-404-that-names-a-call-proves-nothing': ATTACK,
  'a-408-or-a-3xx-proves-nothing': ATTACK,
  'a-5xx-proves-nothing': ATTACK,
  'a-call-that-turns-up-before-the-next-send-stops-it': ATTACK,
  'a-call-that-was-in-progress-was-answered': ATTACK,
  'a-call-with-another-reference-is-not-ours': ATTACK,
  'a-copied-reference-names-no-call': RARE,
  'a-cut-connection-is-unclear': ATTACK,
  'a-delivery-without-an-id-asks-for-the-listing': ATTACK,
  'a-dial-check-that-fails-defers-the-dial': ATTACK,
  'a-flag-of-an-earlier-attempt-stops-redials': RARE,
  'a-full-day-or-week-forbids-the-dial': PEOPLE,
  'a-gap-lies-between-two-calls-to-a-person': PEOPLE,
  'a-listing-is-adopted-from-once-it-is-complete': ATTACK,
  'a-look-for-a-person-gives-way-to-news': RARE,
  'a-person-is-called-once-at-a-time': NO_GAP,
  'a-process-that-froze-after-the-last-question-sends-nothing': CHAOS,
  'a-process-that-wakes-up-late-sends-nothing': CHAOS,
  'a-queued-request-is-withdrawn-before-a-redial': RARE,
  'a-redial-by-a-persons-word-follows-one-more-listing': RARE,
  'a-redial-by-a-persons-word-waits-until-the-request-has-settled': ATTACK,
  'a-refusal-is-known-by-its-status-alone': RARE,
  'a-request-that-another-run-froze-is-not-sent': ATTACK,
  'a-request-that-waited-in-its-queue-is-asked-for-its-time': ATTACK,
  'a-reset-run-sends-nothing': ATTACK,
  'a-wish-during-the-last-look-counts': RARE,
  'an-activity-that-was-dispatched-before-sends-nothing': CHAOS,
  'an-answer-of-a-dial-that-cannot-be-read-is-unclear': RARE,
  'an-ending-that-the-answer-told-settles-before-it-is-read': RARE,
  'an-opt-out-forbids-the-dial': OPT_OUTS,
  'another-run-of-the-id-may-have-sent': ATTACK,
  'endings-are-compared-by-outcome': RARE,
  'every-id-that-is-known-is-of-the-call': RARE,
  'expiry-is-asked-for-just-before-the-send': ATTACK,
  'nothing-is-dialed-after-a-flag': ATTACK,
  'reads-are-due-by-the-servers-clock': CHAOS,
  'settling-leaves-time-for-the-listings': RARE,
  'spans-are-whole-milliseconds': CHAOS,
  'the-age-of-the-hand-over-bounds-the-send': RARE,
  'the-carriers-id-is-not-the-vendors': ATTACK,
  'the-last-question-comes-with-the-connection-up': RARE,
  'the-listing-reaches-back-to-the-earliest-send': RARE,
  'the-request-that-rings-has-one-attempt': CHAOS,
  'the-word-failed-is-no-evidence': RARE,
  'the-word-of-a-person-ends-one-attempt-only': RARE,
  'unknown-is-never-redialed': ATTACK,
};

const ENDING = '.patch';

/** The rules for which a patch lies beside this file. */
export function patches(): readonly string[] {
  return readdirSync(__dirname)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}

/** Where the patch of a rule lies. */
export function fileOf(patch: string): string {
  return join(__dirname, `${patch}${ENDING}`);
}
