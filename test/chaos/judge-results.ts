import type { AttemptReport } from '../../src/call/api-types';
import {
  allowedOutcomes,
  dialsOf,
  incidentsBetween,
  planOf,
  postOf,
  postsOf,
  neverEnds,
} from './evidence';
import {
  attemptOf,
  CONNECTIONS_CLOSED,
  judgedEnd,
  lost,
  wrong,
  type Case,
  type Dial,
  type RunEnd,
  type TaskFailure,
  type Violation,
} from './facts';
import { failureViolations, invalidInputViolations } from './judge-failures';
import { unknownViolations } from './judge-unknown';

/** Violations of the result of one call: facts that it omits, and claims without evidence. */
export function resultViolations(facts: Case): readonly Violation[] {
  const runEnd = judgedEnd(facts);
  if (facts.openAtMs !== undefined || runEnd === undefined) return [];
  if (facts.drawn.isInvalid) return invalidInputViolations(facts, runEnd);
  const { result, failure } = runEnd;
  const reports = result?.attempts ?? failure?.attempts ?? [];
  const attempts = new Set([
    ...reports.map(({ number }) => number),
    ...facts.dials.map(({ ref }) => attemptOf(ref)),
  ]);
  return [
    ...(failure === undefined ? [] : failureViolations(facts, failure)),
    ...[...attempts].flatMap((number) =>
      attemptViolations(
        facts,
        runEnd,
        number,
        reports.find((report) => report.number === number),
      ),
    ),
    ...(result === undefined ? [] : missingRedials(facts, runEnd)),
    ...(facts.history?.taskFailures ?? [])
      .filter((failure) => !isOfFrozenWorker(failure, facts))
      .map(({ message }) => lost(`a workflow task failed: ${message}`)),
    ...(facts.history?.places ?? [])
      .filter(({ how }) => how === 'failed')
      .map(({ reference }) => lost(`placeCall of attempt ${attemptOf(reference)} failed`)),
  ];
}

// --- internal ---

/** The SDK limits a task to 5 s, and a worker that is frozen within it finds that over when it continues. */
function isOfFrozenWorker({ message, atMs }: TaskFailure, facts: Case): boolean {
  if (!/Script execution timed out/.test(message)) return false;
  return incidentsBetween(atMs - FREEZE_REPORTED_MS, atMs, facts).some(({ text }) =>
    text.includes('a worker is frozen'),
  );
}

/** How long after it continues a worker may report the failure. */
const FREEZE_REPORTED_MS = 10_000;

function attemptViolations(
  facts: Case,
  runEnd: RunEnd,
  number: number,
  report: AttemptReport | undefined,
): readonly Violation[] {
  const dials = dialsOf(number, facts);
  const [dial] = dials;
  if (dial === undefined) return report === undefined ? [] : undialedViolations(facts, report);
  if (report === undefined) return unreportedViolations(facts, number, dials);
  const { outcome = 'none', callId, learnedBy } = report;
  const plan = planOf(postOf(dial, facts), facts);
  const ids = dials.flatMap(({ callId: id }) => [id, `${id}_twin`]);
  const found: Violation[] = [];
  if (callId !== undefined && !ids.includes(callId)) {
    found.push(wrong(`attempt ${number} reports a call that is not its own`));
  }
  if (learnedBy === 'resolve') {
    const isResolved = facts.actions.some(
      (action) => action.attempt === number && action.resolution === 'not_dialed',
    );
    return isResolved
      ? found
      : [
          ...found,
          lost(`attempt ${number} was dialed, and is reported as not dialed without a resolve`),
        ];
  }
  if (outcome === 'unknown') return [...found, ...unknownViolations(facts, runEnd, report, dial)];
  const isLive = facts.truths.find((truth) => truth.callId === dial.callId)?.endedMs === undefined;
  // A call that never ends may still be reported as failed.
  const isTooSoon = isLive && !neverEnds(plan);
  if (isTooSoon || !allowedOutcomes(plan, facts).has(outcome as never)) {
    const phone = `${plan.phone ?? 'answered'}${isLive ? ' and still live' : ''}`;
    found.push(wrong(`attempt ${number} is reported as ${outcome}; its phone was ${phone}`));
  }
  return found;
}

/** Violations of a dialed attempt without a report. */
function unreportedViolations(
  { actions }: Case,
  number: number,
  dials: readonly Dial[],
): readonly Violation[] {
  // A reset to a point before the attempt removes it from the history of the new run.
  const resetMs = actions.findLast(({ name }) => name === 'reset')?.answeredMs ?? 0;
  const isRemoved = dials.every(({ atMs }) => atMs < resetMs);
  return isRemoved
    ? []
    : [lost(`attempt ${number} was dialed, and the result does not contain it`)];
}

/** Violations of an attempt that was never dialed. */
function undialedViolations(
  facts: Case,
  { number, outcome, callId, learnedBy, reason = '' }: AttemptReport,
): readonly Violation[] {
  if (callId !== undefined)
    return [wrong(`attempt ${number} was never dialed, and is reported with ${callId}`)];
  if (outcome === 'failed' && learnedBy === 'resolve') {
    const isResolved = facts.actions.some(
      (action) => action.attempt === number && action.resolution === 'not_dialed',
    );
    return isResolved
      ? []
      : [wrong(`attempt ${number} is reported as not dialed without a resolve`)];
  }
  if (outcome !== 'unknown')
    return [
      wrong(`attempt ${number} was never dialed, and is reported as ${outcome ?? 'nothing'}`),
    ];
  const isSent = postsOf(number, facts).length > 0;
  const isRerun = facts.actions.some(({ name }) => /reset|again/.test(name));
  // An activity that was lost with its worker, or dispatched twice, sends no request.
  const isLost = facts.history?.places.some(
    ({ reference, how, dispatch }) =>
      attemptOf(reference) === number && (how === 'timed_out' || dispatch > 1),
  );
  // The vendor closed the connection just as the request was written: only the vendor knows that it read nothing.
  const isCut =
    /UND_ERR_SOCKET|EPIPE|ECONNRESET/.test(reason) &&
    facts.incidents.some(({ text }) => text === CONNECTIONS_CLOSED);
  return isSent || isRerun || isLost === true || isCut
    ? []
    : [lost(`attempt ${number} is unknown, although the evidence is clear`)];
}

/** Violations for a missing redial that the policy requires and that was not prevented. */
function missingRedials(facts: Case, { result }: RunEnd): readonly Violation[] {
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
    facts.actions.every(({ name }) => !/stop|cancel/.test(name));
  return isWanted && isFree
    ? [wrong(`it ended after ${outcome}, and the policy requires attempt ${last.number + 1}`)]
    : [];
}
