import type { AttemptReport } from '../../src/call/api-types';
import { believable, dialsOf, planOf, postOf, postsOf } from './evidence';
import { attemptOf, lost, wrong, type Case, type Dial, type Ending, type Violation } from './facts';
import { failureFaults, invalidFaults } from './judge-failures';
import { unknownFaults } from './judge-unknown';

/** What the result of one conversation loses, or claims without knowing it. */
export function endingFaults(facts: Case): readonly Violation[] {
  // A run that is started again under a used id promises not to dial, and nothing about the run before it.
  const isAgain = facts.deeds.some(({ what }) => what === 'again');
  const ending = isAgain ? facts.endings[0] : facts.endings.at(-1);
  if (facts.openAtMs !== undefined || ending === undefined) return [];
  if (facts.drawn.isInvalid) return invalidFaults(facts, ending);
  const { result, failure } = ending;
  const reports = result?.attempts ?? failure?.attempts ?? [];
  const attempts = new Set([
    ...reports.map(({ number }) => number),
    ...facts.dials.map(({ ref }) => attemptOf(ref)),
  ]);
  return [
    ...(failure === undefined ? [] : failureFaults(facts, failure)),
    ...[...attempts].flatMap((number) =>
      attemptFaults(
        facts,
        ending,
        number,
        reports.find((report) => report.number === number),
      ),
    ),
    ...(result === undefined ? [] : gaveUpEarly(facts, ending)),
    ...(facts.history?.taskFailures ?? []).map((why) => lost(`a workflow task failed: ${why}`)),
    ...(facts.history?.places ?? [])
      .filter(({ how }) => how === 'failed')
      .map(({ reference }) =>
        lost(`placeCall of attempt ${attemptOf(reference)} failed by itself`),
      ),
  ];
}

// --- internal ---

function attemptFaults(
  facts: Case,
  ending: Ending,
  number: number,
  report: AttemptReport | undefined,
): readonly Violation[] {
  const dials = dialsOf(number, facts);
  const [dial] = dials;
  if (dial === undefined) return report === undefined ? [] : silentFaults(facts, report);
  if (report === undefined) return untoldFaults(facts, number, dials);
  const { outcome = 'none', callId, learnedBy } = report;
  const plan = planOf(postOf(dial, facts), facts);
  const ids = dials.flatMap((one) => [one.callId, `${one.callId}_twin`]);
  const found: Violation[] = [];
  if (callId !== undefined && !ids.includes(callId)) {
    found.push(wrong(`attempt ${number} tells of a call that is not its own`));
  }
  if (learnedBy === 'resolve') {
    const isSaid = facts.deeds.some(
      (deed) => deed.attempt === number && deed.said === 'not_dialed',
    );
    return isSaid
      ? found
      : [...found, lost(`attempt ${number} rang, and counts as not dialed by nobody's word`)];
  }
  if (outcome === 'unknown') return [...found, ...unknownFaults(facts, ending, report, dial)];
  const isLive = facts.truths.find((one) => one.callId === dial.callId)?.endedMs === undefined;
  if (isLive || !believable(plan, facts).has(outcome as never)) {
    const phone = `${plan.phone ?? 'answered'}${isLive ? ' and still live' : ''}`;
    found.push(wrong(`attempt ${number} is told as ${outcome}; its phone was ${phone}`));
  }
  return found;
}

/** Of an attempt that rang, and that no report is about. */
function untoldFaults(
  { deeds }: Case,
  number: number,
  dials: readonly Dial[],
): readonly Violation[] {
  // Going back to a point before an attempt, an operator takes it out of what the new run knows.
  const resetMs = deeds.findLast(({ what }) => what === 'reset')?.answeredMs ?? 0;
  const isTakenOut = dials.every(({ atMs }) => atMs < resetMs);
  return isTakenOut ? [] : [lost(`attempt ${number} rang, and the result does not tell of it`)];
}

/** Of an attempt whose phone never rang. */
function silentFaults(
  facts: Case,
  { number, outcome, callId, learnedBy }: AttemptReport,
): readonly Violation[] {
  if (callId !== undefined)
    return [wrong(`attempt ${number} never rang, and is told as ${callId}`)];
  if (outcome === 'failed' && learnedBy === 'resolve') {
    const isSaid = facts.deeds.some(
      (deed) => deed.attempt === number && deed.said === 'not_dialed',
    );
    return isSaid ? [] : [wrong(`attempt ${number} counts as not dialed by nobody's word`)];
  }
  if (outcome !== 'unknown')
    return [wrong(`attempt ${number} never rang, and is told as ${outcome ?? 'nothing'}`)];
  const isSent = postsOf(number, facts).length > 0;
  const isRerun = facts.deeds.some(({ what }) => /reset|again/.test(what));
  // What was handed to a lost worker, or was dispatched a second time, sends nothing any more.
  const isLost = facts.history?.places.some(
    ({ reference, how, dispatch }) =>
      attemptOf(reference) === number && (how === 'timed_out' || dispatch > 1),
  );
  return isSent || isRerun || isLost === true
    ? []
    : [lost(`attempt ${number} is unknown, and nothing was in doubt`)];
}

/** A redial that the policy wants, that nothing forbade, and that never came. */
function gaveUpEarly(facts: Case, { result }: Ending): readonly Violation[] {
  const { redial } = facts.drawn.rest;
  const last = result?.attempts.at(-1);
  const { outcome } = last ?? {};
  if (redial === undefined || last === undefined || outcome === undefined) return [];
  const isWanted =
    (outcome === 'busy' || outcome === 'no_answer') && redial.after?.[outcome] !== undefined;
  const isFree =
    last.number < (redial.maxAttempts ?? 1) &&
    result?.outcome === outcome &&
    result.attempts.every(({ flags }) => flags === undefined) &&
    facts.deeds.every(({ what }) => !/stop|cancel/.test(what));
  return isWanted && isFree
    ? [wrong(`it ended after ${outcome}, and the policy wants attempt ${last.number + 1}`)]
    : [];
}
