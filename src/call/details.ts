import type { AttemptReport, CallView, Phase, Step } from './messages';
import type { CallPlan } from './plan';
import { codeSpan, cutToBytes, escapeMarkdown, maskNumber, spanText } from './words';

const HEADINGS: Readonly<Record<Phase, string>> = {
  waiting: 'Waiting: it is not time to call yet',
  placing: 'Placing: the call is being requested',
  unclear: 'Unclear: the phone may have rung',
  queued: 'Queued: Truedy took the call',
  ringing: 'Ringing',
  in_progress: 'In progress: a person is on the line',
  redial_wait: 'Waiting to redial',
  held: 'Held: no phone rang, and it is tried again',
  ended: 'Ended',
};

const COMMANDS: Readonly<Record<Step, { readonly says: string; readonly verb: string }>> = {
  redialNow: { says: 'dial now', verb: 'redial-now ID' },
  reschedule: { says: 'move it', verb: 'reschedule ID --not-before TIME' },
  stop: { says: 'no further attempt', verb: 'stop ID' },
  resolve: {
    says: 'say what you know',
    verb: 'resolve ID --dialled --call-id CALL_ID` or `… --not-dialled',
  },
};

/** Kept far below the server's limit, since the text travels in the UI's own addresses. */
const MOST_BYTES = 1_950;

/**
 * The live page of a run, as Markdown: phase, why, until when, and what a person may do.
 *
 * It holds no personal data, under 2 KB, and everything that is not ours is escaped: the Temporal UI renders it.
 */
export function details(
  run: {
    readonly view: CallView;
    readonly plan: CallPlan;
    readonly flags: readonly string[];
    readonly notes: readonly string[];
  },
  nowMs: number,
): string {
  const { view, plan, flags, notes } = run;
  const head = [`### ${headingOf(view)}`, escapeMarkdown(view.because), ...nextLine(view, nowMs)];
  const facts = [
    ...view.attempts.slice(-5).map((attempt) => attemptLine(attempt, plan.redial.maxAttempts)),
    numberLine(plan),
    ...flags.map((flag) => `- **Look at this:** ${escapeMarkdown(flag)}`),
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
    ...nightWarning(plan),
  ];
  const foot = [...stepsLine(view), `*As of ${stamp(nowMs)}. Press R to refresh.*`];
  return cutToBytes([head.join('\n'), facts.join('\n'), ...foot].join('\n\n'), MOST_BYTES);
}

/** A redial without calling hours can come at night; starter and details say so. */
export function ringsAtNight(plan: CallPlan): boolean {
  return plan.redial.maxAttempts > 1 && plan.window === undefined;
}

// --- internal ---

function headingOf(view: CallView): string {
  return view.outcome === undefined
    ? HEADINGS[view.phase]
    : `${HEADINGS[view.phase]}: ${view.outcome}`;
}

function nextLine(view: CallView, nowMs: number): string[] {
  const since = `Since ${stamp(Date.parse(view.since))}.`;
  if (view.nextAt === undefined) return [since];
  const nextMs = Date.parse(view.nextAt);
  return [`${since} **Next** ${stamp(nextMs)} (in ${spanText(nextMs - nowMs)}).`];
}

function attemptLine(attempt: AttemptReport, most: number): string {
  const parts = [
    `Attempt ${attempt.number} of ${most}: **${attempt.outcome ?? 'open'}**`,
    attempt.callId && `call ${codeSpan(attempt.callId)}`,
    attempt.placedAt && `placed ${stamp(Date.parse(attempt.placedAt))}`,
    attempt.placedBy && `known by ${attempt.placedBy}`,
    attempt.learnedBy && `learned by ${attempt.learnedBy}`,
    attempt.reason && `reason ${escapeMarkdown(attempt.reason.slice(0, 80))}`,
  ];
  return `- ${parts.filter((part) => part !== undefined && part !== '').join(', ')}`;
}

function numberLine(plan: CallPlan): string {
  const campaign = plan.labels['campaign'];
  const named = campaign === undefined ? '' : `, campaign ${escapeMarkdown(campaign.slice(0, 80))}`;
  return `- Number \`${maskNumber(plan.call.phone_number)}\`, agent ${codeSpan(plan.call.agent_id)}${named}`;
}

function nightWarning(plan: CallPlan): string[] {
  return ringsAtNight(plan) ? ['- No calling hours are set: a redial can ring at night'] : [];
}

function stepsLine(view: CallView): string[] {
  if (view.can.length === 0) return [];
  const key = view.workflowId.replace(/^call\//, '').replace(/[`<>\s]+/g, '');
  const steps = view.can.map((step) => {
    const { says, verb } = COMMANDS[step];
    return `${says}: \`temporal truedy ${verb.replace('ID', () => key)}\``;
  });
  return [`**You can:** let it go on · ${steps.join(' · ')}`];
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
