import { FLAGS, type AttemptReport, type CallView } from '../api-types';
import { LIVE_PHASES, WAITING_PHASES, type Phase, type UpdateName } from '../phase';
import { hasCallPrefix, toKey } from '../input';
import type { CallPlan } from '../plan';
import { cutToBytes, fitsInBytes } from './characters';
import { spanText } from './duration';
import { codeSpan, foreignText } from './markdown';
import { maskNumber, maskNumbers } from './masking';
import { fieldsOf } from '../untrusted-values';

/** The contents of a run's details page. */
export interface DetailsPage {
  readonly view: CallView;
  readonly plan: CallPlan;
  /** The reason for the phase in a few words. Absent: the phase's usual reason. */
  readonly title?: string;
  /** `view.nextAt` in the recipient's time zone: `Mon 23 Nov 09:00 America/New_York`. */
  readonly nextThere?: string;
  /** When the phase ends at the latest, in milliseconds since 1970. */
  readonly lastMs?: number;
  /** Whether the call was stopped or canceled. */
  readonly noMoreAttempts: boolean;
  readonly notes: readonly string[];
}

/** Far below the server's limit, because the UI puts the text into its URLs. */
const MAX_BYTES = 1_950;

/**
 * The details page of a run in the Temporal UI, as Markdown: phase, reason, times, attempts and available actions.
 *
 * The page is under 2 KB, contains no personal data, and escapes untrusted text. If it gets too long, the oldest
 * attempts are left out.
 */
export function currentDetails(page: DetailsPage, nowMs: number): string {
  const { view } = page;
  const head = [`### ${headingOf(page)}`, foreignText(view.because, 240)];
  const facts = factLines(page);
  const foot = [
    ...actionLines(page),
    `*As of ${stamp(nowMs)}, its last change. Press R to refresh.*`,
  ];
  // Lines are dropped from the top, so the most important ones come last.
  const list = [
    ...attemptLines(page),
    ...remarkLines(page),
    numberLine(page.plan),
    ...flagLines(page),
  ];
  for (let from = 0; ; from += 1) {
    const lines = [...facts, ...list.slice(from)].join('\n');
    const text = [...head, lines, ...foot].join('\n\n');
    if (from === list.length || fitsInBytes(text, MAX_BYTES)) return text;
  }
}

/** The summary line of a run in the Temporal UI, as Markdown: at most 200 bytes. */
export function staticSummary(call: {
  readonly phoneNumber: string;
  readonly agentId: string;
  readonly campaign?: string | undefined;
}): string {
  const parts = [
    `Call ${maskNumber(call.phoneNumber)}`,
    foreignText(call.agentId, 64),
    call.campaign && foreignText(call.campaign, 64),
  ];
  const line = parts.filter((part) => part !== undefined && part !== '').join(' · ');
  // A trailing backslash is half of an escape, and would escape what follows.
  return fitsInBytes(line, 200) ? line : cutToBytes(line, 200).replace(/\\+$/, '');
}

/** The summary of an input that has not been validated; `undefined` if it lacks a number or an agent. */
export function summaryOf(input: unknown): string | undefined {
  const { call, labels } = fieldsOf(input);
  const { phone_number: phoneNumber, agent_id: agentId } = fieldsOf(call);
  if (typeof phoneNumber !== 'string' || typeof agentId !== 'string') return undefined;
  const { campaign } = fieldsOf(labels);
  return staticSummary({
    phoneNumber,
    agentId,
    campaign: typeof campaign === 'string' ? campaign : undefined,
  });
}

// --- internal ---

const HEADINGS: Readonly<Record<Phase, readonly [name: string, usualReason: string]>> = {
  waiting: ['Waiting', 'it is not time to call yet'],
  placing: ['Placing', 'the call is being requested'],
  unclear: ['Unclear', 'the phone may have rung'],
  queued: ['Queued', 'Truedy accepted the call'],
  ringing: ['Ringing', 'the call has not been answered yet'],
  in_progress: ['In progress', 'a person is on the line'],
  redial_wait: ['Waiting to redial', 'it is not time yet'],
  held: ['Held', 'no phone rang; the request will be retried'],
  ended: ['Ended', 'the call is closed'],
};

function headingOf({ view, title }: DetailsPage): string {
  const [name, usualReason] = HEADINGS[view.phase];
  return `${name}: ${title === undefined ? usualReason : foreignText(title, 80)}`;
}

/** The times and limits of the phase. Durations are between two shown instants, so they do not become outdated. */
function factLines({ view, plan, nextThere, lastMs }: DetailsPage): string[] {
  const sinceMs = Date.parse(view.since);
  const nextMs = view.nextAt === undefined ? undefined : Date.parse(view.nextAt);
  const { window } = plan;
  const parts = [`**Since** ${stamp(sinceMs)}`];
  if (nextMs !== undefined && nextMs !== lastMs) {
    const there = nextThere === undefined ? '' : `: ${foreignText(nextThere, 60)}`;
    const label = LIVE_PHASES.includes(view.phase) ? 'Next read' : 'Next try';
    const name = view.phase === 'unclear' ? 'Next search' : label;
    parts.push(`**${name}** ${stamp(nextMs)} (after ${spanText(nextMs - sinceMs)})${there}`);
  }
  if (lastMs !== undefined && view.phase === 'unclear') {
    parts.push(`**Open until** ${stamp(lastMs)}, then the result is **unknown**`);
  } else if (lastMs !== undefined && WAITING_PHASES.includes(view.phase)) {
    parts.push(`**Expires** ${stamp(lastMs)}: no request is sent after that`);
  }
  if (window !== undefined && WAITING_PHASES.includes(view.phase)) {
    const days = daysText(window.days);
    const hours = `${days} ${window.from}-${window.to} ${window.timeZone}`;
    parts.push(`**Calling hours** ${foreignText(hours, 80)}`);
  }
  if (view.phase === 'in_progress') {
    parts.push(`**Longest call** ${spanText(plan.maxDurationMs)} (\`max_duration\`)`);
  }
  return parts.map((part) => `- ${part}`);
}

function attemptLines({ view, plan }: DetailsPage): string[] {
  return view.attempts.slice(-5).map((one) => attemptLine(one, plan.redial.maxAttempts));
}

function attemptLine(attempt: AttemptReport, maxAttempts: number): string {
  const { placedAt, placedBy, endedAt, learnedBy } = attempt;
  const parts = [
    `Attempt ${attempt.number} of ${maxAttempts}: **${attempt.outcome ?? 'open'}**`,
    attempt.callId && `call ${codeSpan(attempt.callId)}`,
    placedAt && `placed ${stamp(Date.parse(placedAt))}`,
    placedBy && `confirmed by ${placedBy}`,
    endedAt && `ended ${stamp(Date.parse(endedAt))}`,
    learnedBy && `reported by ${learnedBy}`,
    attempt.reason && `reason ${foreignText(attempt.reason, 80)}`,
  ];
  return `- ${parts.filter((part) => part !== undefined && part !== '').join(', ')}`;
}

function remarkLines({ view, plan, noMoreAttempts, notes }: DetailsPage): string[] {
  const isOpen = view.phase !== 'ended';
  const mayDialAtNight = plan.redial.maxAttempts > 1 && plan.window === undefined;
  return [
    ...(isOpen && mayDialAtNight ? ['- No calling hours are set: a redial can ring at night'] : []),
    ...(isOpen && noMoreAttempts ? ['- No further attempt, as requested'] : []),
    ...(LIVE_PHASES.includes(view.phase)
      ? ['- Truedy has no hang-up: when canceled, this call still runs to its end']
      : []),
    ...notes.map((note) => `- ${foreignText(note, 160)}`),
  ];
}

function numberLine({ call, labels }: CallPlan): string {
  const campaign = labels['campaign'];
  const named = campaign === undefined ? '' : `, campaign ${foreignText(campaign, 80)}`;
  return `- Number \`${maskNumber(call.phone_number)}\`, agent ${codeSpan(call.agent_id)}${named}`;
}

/** Flags of all attempts, because a flag on any of them stops the whole run. */
function flagLines({ view }: DetailsPage): string[] {
  return view.attempts.flatMap(({ number, flags = [] }) =>
    flags.map((flag) => `- **Look at this:** attempt ${number}, ${FLAGS[flag]}`),
  );
}

/** The CLI command for each update. */
const COMMANDS: Readonly<Record<UpdateName, string>> = {
  redialNow: 'redial-now ID',
  reschedule: 'reschedule ID --not-before TIME',
  stop: 'stop ID',
  resolve: 'resolve ID --dialled --call-id CALL_ID` or `… --not-dialled',
};

function actionLines(page: DetailsPage): string[] {
  const { view } = page;
  if (view.can.length === 0) return [];
  const key = keyOf(view.workflowId);
  const actions = view.can.map((name) => {
    const command = COMMANDS[name].replace('ID', () => key);
    return `${describeUpdate(name, page)}: \`temporal truedy ${command}\``;
  });
  const nothing = WAITING_PHASES.includes(view.phase) ? 'do nothing and wait' : 'let it continue';
  return ['**You can:**', [nothing, ...actions].map((one) => `- ${one}`).join('\n')];
}

/** What the update does in the current phase. */
function describeUpdate(name: UpdateName, { view, plan }: DetailsPage): string {
  switch (name) {
    case 'redialNow':
      if (view.phase === 'held') return 'try again now';
      return plan.window === undefined ? 'dial now' : 'dial as soon as calling hours allow';
    case 'reschedule':
      return 'reschedule it';
    case 'resolve':
      return 'report what you found out';
    case 'stop':
      if (view.phase === 'placing') return 'withdraw the request while it is queued';
      return WAITING_PHASES.includes(view.phase) ? 'end it' : 'no further attempt after this one';
  }
}

/** The key as a shell argument, or a placeholder if the key needs quoting, masking or cutting. */
function keyOf(workflowId: string): string {
  const key = toKey(workflowId);
  const isPlain =
    hasCallPrefix(workflowId) && /^[\w.:@/+=,%-]{1,80}$/.test(key) && maskNumbers(key) === key;
  return isPlain ? key : 'YourWorkflowId';
}

function daysText(days: readonly number[] = EVERY_DAY): string {
  const named = EVERY_DAY.filter((day) => days.includes(day)).map((day) => DAYS[day - 1]);
  const isRun = named.length > 2 && DAYS.join().includes(named.join());
  return isRun ? `${named[0]}-${named.at(-1)}` : named.join(', ');
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
