import { durationMs, spanText } from '../text/duration';
import { timeZoneProblem } from '../text/time-zone';
import { isObject } from '../untrusted-values';

/** How often one person may be called, over all calls of the namespace. An absent limit does not apply. */
export interface ContactPolicy {
  /** The time between two calls, from send to send. */
  readonly minGapMs?: number;
  readonly perDay?: number;
  /** Weeks begin on Monday. */
  readonly perWeek?: number;
  /** How many attempts may be unfinished at the same time. */
  readonly concurrent?: number;
  /** The zone of days and weeks for a call without a window. */
  readonly timeZone: string;
}

/** @returns The policy, or every problem of it, such as `perDay is not a whole number from 1 to 1000`. */
export function parsePolicy(
  text: string,
): { readonly policy: ContactPolicy } | { readonly problems: readonly string[] } {
  const fields = parseJson(text);
  if (!isObject(fields)) return { problems: ['is not a JSON object, such as {"perDay":3}'] };
  const problems = Object.entries(fields).flatMap(([name, value]) => {
    const problem = problemOf(name, value);
    return problem === undefined ? [] : [`has a problem: ${quotedName(name)} ${problem}`];
  });
  if (problems.length > 0) return { problems };
  const { minGap, timeZone } = fields;
  const gapMs = typeof minGap === 'string' ? durationMs(minGap) : undefined;
  return {
    policy: {
      ...(gapMs !== undefined && { minGapMs: gapMs }),
      ...countOf(fields, 'perDay'),
      ...countOf(fields, 'perWeek'),
      ...countOf(fields, 'concurrent'),
      timeZone: typeof timeZone === 'string' ? timeZone : 'UTC',
    },
  };
}

/** What is most likely not meant, such as `perDay 3 is never reached: perWeek is 2`. */
export function policyWarnings(policy: ContactPolicy): readonly string[] {
  const { minGapMs = 0, perDay, perWeek } = policy;
  const warnings: string[] = [];
  if (perDay !== undefined) {
    if (perWeek !== undefined && perWeek < perDay) {
      warnings.push(`perDay ${perDay} is never reached: perWeek is ${perWeek}`);
    }
    if (perWeek !== undefined && perWeek > 7 * perDay) {
      warnings.push(`perWeek ${perWeek} is never reached: perDay is ${perDay}`);
    }
    if (minGapMs * (perDay - 1) > LONGEST_DAY_MS) {
      warnings.push(`perDay ${perDay} is never reached: minGap is ${spanText(minGapMs)}`);
    }
  }
  return warnings;
}

// --- internal ---

/** A day on which a clock is set back. */
const LONGEST_DAY_MS = 25 * 3_600_000;

const MINUTE_MS = 60_000;
const MAX_GAP_MS = 400 * 24 * 60 * MINUTE_MS;

/** The largest value of each limit. */
const COUNTS = { perDay: 1_000, perWeek: 1_000, concurrent: 100 } as const;
type Count = keyof typeof COUNTS;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(name: string, value: unknown): string | undefined {
  if (isCount(name)) {
    const max = COUNTS[name];
    const isValid = Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
    return isValid ? undefined : `is not a whole number from 1 to ${max}`;
  }
  const text = typeof value === 'string' ? value : '';
  switch (name) {
    case 'minGap': {
      const ms = durationMs(text) ?? 0;
      return ms >= MINUTE_MS && ms <= MAX_GAP_MS
        ? undefined
        : 'is not a duration from 1m to 400d, such as 4h';
    }
    case 'timeZone':
      return timeZoneProblem(text);
    default:
      return 'is not a known field';
  }
}

function isCount(name: string): name is Count {
  return name in COUNTS;
}

function countOf(fields: Readonly<Record<string, unknown>>, name: Count) {
  const value = fields[name];
  return typeof value === 'number' ? { [name]: value } : {};
}

/** A field name from outside, of which only plain characters are shown. */
function quotedName(name: string): string {
  return /^\w{1,40}$/.test(name) ? name : 'a field';
}
