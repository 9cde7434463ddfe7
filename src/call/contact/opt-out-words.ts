import { withFlag, type Attempt } from '../attempt';
import { hasEnded, type CallRecord } from '../call-record';
import { normalizeWord } from '../outcome';

/** Keeps Truedy's word for how the call ended, if it differs from the first one, which the record keeps. */
export function withOtherOutcome(attempt: Attempt, report: CallRecord): Attempt {
  const { record, otherOutcomes = [] } = attempt;
  const word = hasEnded(report) ? report.outcome : null;
  const isNew = word !== null && record.outcome !== null && word !== record.outcome;
  if (!isNew || otherOutcomes.includes(word)) return attempt;
  return { ...attempt, otherOutcomes: [...otherOutcomes, word].slice(-MAX_WORDS) };
}

/**
 * Flags an attempt whose call ended with a word that means an opt-out. One such report counts, whatever the others say.
 *
 * @param words Normalized. Absent in the plans of older runs.
 */
export function flagOptOut(attempt: Attempt, words: readonly string[] = []): Attempt {
  const { record, otherOutcomes = [] } = attempt;
  const isOptOut = [record.outcome, ...otherOutcomes].some(
    (word) => word !== null && words.includes(normalizeWord(word)),
  );
  return isOptOut ? withFlag(attempt, 'opted_out') : attempt;
}

// --- internal ---

/** More than one step can add: an attempt keeps at most 16 deliveries to apply later. */
const MAX_WORDS = 20;
