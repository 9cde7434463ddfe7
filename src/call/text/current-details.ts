import { FLAGS } from '../flags';
import type { AttemptReport, CallView, Phase, Step } from '../api-types';
import type { CallPlan } from '../plan';
import { codeSpan, foreignText, isWithin, maskNumber, maskNumbers, spanText } from './masking';

/** What the page of a run is made of. */
export interface Page {
  readonly view: CallView;
  readonly plan: CallPlan;
  /** The reason of the phase in a few words; absent: the phase's usual one. */
  readonly title?: string;
  /** `view.nextAt` as a wall there shows it: `Mon 23 Nov 09:00 America/New_York`. */
  readonly nextThere?: string;
  /** Past this instant, in milliseconds since 1970, nothing more comes of the phase. */
  readonly lastMs?: number;
  /** Whether no further attempt is wanted. */
  readonly isOver: boolean;
  readonly notes: readonly string[];
}

/** Kept far below the server's limit, since the text travels in the UI's own addresses. */
const MOST_BYTES = 1_950;

/**
 * The live page of a run, as Markdown: phase and why, until when, the attempts, what a person may do, as of when.
 *
 * It holds no personal data, under 2 KB, and everything that is not ours is escaped: the Temporal UI renders it.
 * Where there is too much, the older attempts are left out.
 */
export function details(page: Page, nowMs: number): string {
  const { view } = page;
  const head = [`### ${headingOf(page)}`, foreignText(view.because, 240)];
  const facts = factLines(page);
  const foot = [
    ...stepsLine(page),
    `*As of ${stamp(nowMs)}, its last change. Press R to refresh.*`,
  ];
  // What matters most stands last, since what is too much goes from the top.
  const list = [...attemptLines(page), ...remarks(page), numberLine(page.plan), ...flagLines(page)];
  for (let from = 0; ; from += 1) {
    const lines = [...facts, ...list.slice(from)].join('\n');
    const text = [...head, lines, ...foot].join('\n\n');
    if (from === list.length || isWithin(text, MOST_BYTES)) return text;
  }
}

/** A redial without calling hours can come at night; starter and details say so. */
export function ringsAtNight(plan: CallPlan): boolean {
  return plan.redial.maxAttempts > 1 && plan.window === undefined;
}

// --- internal ---

const HEADINGS: Readonly<Record<Phase, readonly [name: string, usually: string]>> = {
  waiting: ['Waiting', 'it is not time to call yet'],
  placing: ['Placing', 'the call is being requested'],
  unclear: ['Unclear', 'the phone may have rung'],
  queued: ['Queued', 'Truedy took the call'],
  ringing: ['Ringing', 'nobody has answered yet'],
  in_progress: ['In progress', 'a person is on the line'],
  redial_wait: ['Waiting to redial', 'it is not time yet'],
  held: ['Held', 'no phone rang, and it is tried again'],
  ended: ['Ended', 'nothing more happens'],
};

const LIVE: readonly Phase[] = ['queued', 'ringing', 'in_progress'];
const CALMED: readonly Phase[] = ['waiting', 'redial_wait', 'held'];

function headingOf({ view, title }: Page): string {
  const [name, usually] = HEADINGS[view.phase];
  return `${name}: ${title === undefined ? usually : foreignText(title, 80)}`;
}

/** Since when, until when, within what. Spans are those between two instants told, so that they stay true. */
function factLines({ view, plan, nextThere, lastMs }: Page): string[] {
  const sinceMs = Date.parse(view.since);
  const nextMs = view.nextAt === undefined ? undefined : Date.parse(view.nextAt);
  const { window } = plan;
  const parts = [`**Since** ${stamp(sinceMs)}`];
  if (nextMs !== undefined && nextMs !== lastMs) {
    const there = nextThere === undefined ? '' : `: ${foreignText(nextThere, 60)}`;
    const label = LIVE.includes(view.phase) ? 'Next' : 'Next try';
    const name = view.phase === 'unclear' ? 'Next look' : label;
    parts.push(`**${name}** ${stamp(nextMs)} (after ${spanText(nextMs - sinceMs)})${there}`);
  }
  if (lastMs !== undefined && view.phase === 'unclear') {
    parts.push(`**Open until** ${stamp(lastMs)}, then it ends as **unknown**`);
  } else if (lastMs !== undefined && CALMED.includes(view.phase)) {
    parts.push(`**Expires** ${stamp(lastMs)}: after that nothing is sent`);
  }
  if (window !== undefined && CALMED.includes(view.phase)) {
    const days = daysText(window.days);
    const hours = `${days} ${window.from}-${window.to} ${window.timeZone}`;
    parts.push(`**Calling hours** ${foreignText(hours, 80)}`);
  }
  if (view.phase === 'in_progress') {
    parts.push(`**Longest talk** ${spanText(plan.maxDurationMs)} (\`max_duration\`)`);
  }
  return parts.map((part) => `- ${part}`);
}

function attemptLines({ view, plan }: Page): string[] {
  return view.attempts.slice(-5).map((one) => attemptLine(one, plan.redial.maxAttempts));
}

function attemptLine(attempt: AttemptReport, most: number): string {
  const { placedAt, placedBy, endedAt, learnedBy } = attempt;
  const parts = [
    `Attempt ${attempt.number} of ${most}: **${attempt.outcome ?? 'open'}**`,
    attempt.callId && `call ${codeSpan(attempt.callId)}`,
    placedAt && `placed ${stamp(Date.parse(placedAt))}`,
    placedBy && `known by ${placedBy}`,
    endedAt && `ended ${stamp(Date.parse(endedAt))}`,
    learnedBy && `learned by ${learnedBy}`,
    attempt.reason && `reason ${foreignText(attempt.reason, 80)}`,
  ];
  return `- ${parts.filter((part) => part !== undefined && part !== '').join(', ')}`;
}

function remarks({ view, plan, isOver, notes }: Page): string[] {
  const isOpen = view.phase !== 'ended';
  return [
    ...(isOpen && ringsAtNight(plan)
      ? ['- No calling hours are set: a redial can ring at night']
      : []),
    ...(isOpen && isOver ? ['- No further attempt follows: that was asked for'] : []),
    ...(LIVE.includes(view.phase)
      ? ['- Truedy has no hang-up: when cancelled, this call still runs to its end']
      : []),
    ...notes.map((note) => `- ${foreignText(note, 160)}`),
  ];
}

function numberLine({ call, labels }: CallPlan): string {
  const campaign = labels['campaign'];
  const named = campaign === undefined ? '' : `, campaign ${foreignText(campaign, 80)}`;
  return `- Number \`${maskNumber(call.phone_number)}\`, agent ${codeSpan(call.agent_id)}${named}`;
}

/** Of every attempt: what was flagged stops the whole conversation. */
function flagLines({ view }: Page): string[] {
  return view.attempts.flatMap(({ number, flags = [] }) =>
    flags.map((flag) => `- **Look at this:** attempt ${number}, ${FLAGS[flag]}`),
  );
}

/** The command line's verb for each step. */
const COMMANDS: Readonly<Record<Step, string>> = {
  redialNow: 'redial-now ID',
  reschedule: 'reschedule ID --not-before TIME',
  stop: 'stop ID',
  resolve: 'resolve ID --dialled --call-id CALL_ID` or `… --not-dialled',
};

function stepsLine(page: Page): string[] {
  const { view } = page;
  if (view.can.length === 0) return [];
  const key = keyOf(view.workflowId);
  const steps = view.can.map((step) => {
    const command = COMMANDS[step].replace('ID', () => key);
    return `${sayStep(step, page)}: \`temporal truedy ${command}\``;
  });
  const nothing = CALMED.includes(view.phase) ? 'let it wait' : 'let it go on';
  return ['**You can:**', [nothing, ...steps].map((one) => `- ${one}`).join('\n')];
}

function sayStep(step: Step, { view, plan }: Page): string {
  switch (step) {
    case 'redialNow':
      if (view.phase === 'held') return 'try again now';
      return plan.window === undefined ? 'dial now' : 'dial as soon as calling hours allow';
    case 'reschedule':
      return 'move it';
    case 'resolve':
      return 'say what you know';
    case 'stop':
      if (view.phase === 'placing') return 'withdraw it while it is queued';
      return CALMED.includes(view.phase) ? 'end it' : 'no further attempt after this one';
  }
}

/** The key as a shell takes it. One that cannot be shown whole is the reader's to fill in. */
function keyOf(workflowId: string): string {
  const key = workflowId.startsWith('call/') ? workflowId.slice('call/'.length) : '';
  const isPlain = /^[\w.:@/+=,%-]{1,80}$/.test(key) && maskNumbers(key) === key;
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
