import { contactSpans } from '../../activities/contact-days';
import { toContactView, type ContactView, type OptOutView } from '../../call/contact/contact-view';
import type { Contact, Span } from '../../call/contact/contact';
import { nextDial } from '../../call/contact/next-dial';
import type { ContactPolicy } from '../../call/contact/policy';
import { countDials } from '../../call/contact/reserve';
import { printableLine } from '../../call/text/characters';
import { spanText } from '../../call/text/duration';
import { readContactPolicy } from '../../runtime/config';
import { findContact, type StoredContact } from '../../temporal/contacts';
import { withTemporal } from '../shared/connect';
import { EXIT } from '../shared/exit-codes';
import type { CommonFlags } from '../shared/flags';
import { print, timeText, type TimeFormat } from '../shared/output';
import { askContact, checkNumber, personOf, type Person } from './person';

/** Prints what is known of a person, and when the next dial is allowed if the policy is known. */
export async function show(number: string, flags: CommonFlags): Promise<number> {
  checkNumber(number);
  return withTemporal(flags, async (temporal, env) => {
    const person = personOf(number, env);
    const policy = readContactPolicy(env);
    const found = await askContact(
      temporal,
      person.workflowId,
      () => findContact(temporal.client, person.workflowId),
      'Nothing was changed. While no worker answers, nothing is dialed.',
    );
    if (found === undefined) {
      const { shownNumber, workflowId } = person;
      const text = `${shownNumber}  not known in ${temporal.namespace}: no calls and no opt-out`;
      print(flags.output, { known: false, phoneNumber: shownNumber, workflowId }, text);
      return EXIT.done;
    }
    const report = reportOf(person, found, policy, Date.now());
    print(flags.output, report, toText(report, flags.timeFormat));
    return EXIT.done;
  });
}

// --- internal ---

const MAX_DIALS = 10;

type Report = ReturnType<typeof reportOf>;

function reportOf(
  { shownNumber, workflowId }: Person,
  { contact, isLost }: StoredContact,
  policy: ContactPolicy | undefined,
  nowMs: number,
) {
  const { dials, ...rest } = toContactView(contact);
  return {
    known: true,
    phoneNumber: shownNumber,
    workflowId,
    isLost,
    ...rest,
    calls: callCounts(contact, policy?.timeZone ?? 'UTC', nowMs),
    // A lost contact workflow limits nothing.
    ...(policy && !isLost && { limits: policy, nextDial: nextDialOf(contact, policy, nowMs) }),
    lastDials: dials.slice(-MAX_DIALS),
  };
}

function callCounts(contact: Contact, timeZone: string, nowMs: number) {
  const { days, weeks } = contactSpans(timeZone, nowMs);
  const count = (spans: readonly Span[]) => {
    const now = spans.find(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
    return now === undefined ? 0 : countDials(contact, now);
  };
  return { today: count(days), thisWeek: count(weeks), timeZone };
}

/** Of a call without a window: the window of a call decides its time zone. */
function nextDialOf(contact: Contact, policy: ContactPolicy, nowMs: number) {
  const { timeZone, ...limits } = policy;
  const next = nextDial(contact, limits, (ms) => contactSpans(timeZone, ms), nowMs);
  if (next === undefined) return { isAllowed: false, limits: [] };
  const isAllowed = next.limits.length === 0;
  const at = new Date(next.atMs).toISOString();
  return { isAllowed, ...(!isAllowed && { at }), limits: next.limits };
}

function toText(report: Report, format: TimeFormat): string {
  const { phoneNumber, optOuts, open, waiting, lastDials } = report;
  const time = (instant: string) => timeText(instant, format);
  return [
    `${phoneNumber}  ${optOutText(report, time)}`,
    ...(report.isLost ? LOST : []),
    `  ${callsText(report)}`,
    ...nextDialLines(report, time),
    ...open.map((one) => `  not ended: ${attemptText(one)}, since ${time(one.sentFrom)}`),
    ...waiting.map((one) => `  waiting: ${attemptText(one)}, since ${time(one.since)}`),
    ...lastDials.map(
      (one) =>
        `  ${time(one.sentFrom)}  ${one.outcome ?? 'result not reported'}, ${attemptText(one)}`,
    ),
    ...optOuts.filter(({ endedAt }) => endedAt !== undefined).map((one) => pastText(one, time)),
  ].join('\n');
}

const LOST = [
  '  Its contact workflow was terminated or failed: calls do not know any of this.',
  '  To restore the opt-outs:  temporal truedy contact export NUMBER --opt-outs > FILE',
  '                            temporal truedy contact restore FILE',
];

type TimeText = (instant: string) => string;

function optOutText({ optOuts }: Pick<ContactView, 'optOuts'>, time: TimeText): string {
  const current = optOuts.find(({ endedAt }) => endedAt === undefined);
  if (current === undefined) return 'not opted out';
  return `opted out since ${time(current.at)}${reasonText(current.reason)}`;
}

function pastText({ at, reason, endedAt = '', endReason }: OptOutView, time: TimeText): string {
  const end = `opted in ${time(endedAt)}${reasonText(endReason)}`;
  return `  opted out ${time(at)}${reasonText(reason)}; ${end}`;
}

function reasonText(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${printableLine(reason)}`;
}

function callsText({ calls, limits }: Report): string {
  const of = (limit: number | undefined) => (limit === undefined ? '' : ` of ${limit}`);
  const today = `${calls.today}${of(limits?.perDay)} today`;
  const week = `${calls.thisWeek}${of(limits?.perWeek)} this week`;
  return `calls: ${today}, ${week} (${calls.timeZone})`;
}

function nextDialLines({ limits, nextDial: next, open }: Report, time: TimeText) {
  if (limits === undefined || next === undefined) return [];
  const { minGapMs, concurrent } = limits;
  const others = [
    ...(minGapMs === undefined ? [] : [`${spanText(minGapMs)} between calls`]),
    ...(concurrent === undefined ? [] : [`${open.length} of ${concurrent} at the same time`]),
  ];
  const lines = others.length === 0 ? [] : [`  limits: ${others.join(', ')}`];
  if (next.isAllowed) return [...lines, '  next dial: allowed now'];
  if (next.at === undefined) return [...lines, '  next dial: never, after an opt-out'];
  const isBusy = next.limits.includes('concurrent');
  const when = isBusy ? 'when another call ends, at the latest' : 'not before';
  return [...lines, `  next dial: ${when} ${time(next.at)} (${next.limits.join(', ')})`];
}

function attemptText({ workflowId, reference }: { workflowId?: string; reference: string }) {
  const attempt = reference.slice(reference.lastIndexOf('#') + 1);
  return workflowId === undefined
    ? printableLine(reference)
    : `${printableLine(workflowId)} attempt ${attempt}`;
}
