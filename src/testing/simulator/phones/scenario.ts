import type { Phone, Plan } from '../script/script';

/** How a phone ends a call, in the guide's words; the carrier's words stand beside them. */
export interface Ending {
  readonly status: 'ended' | 'failed' | 'cancelled';
  readonly outcome: string | null;
  readonly endReason: string | null;
  /** Told by the API too, as `end_reason`, where a script asks for it: no documented answer has it. */
  readonly saidReason?: string | null;
  /** `sipDetails.terminationReason`, without its prefix. */
  readonly termination: string | null;
  /** Whether somebody, or something, picked up. */
  readonly talked: boolean;
}

/** One stage of a call, so long after the dial. */
export interface Stage {
  readonly atMs: number;
  readonly status: 'ringing' | 'in-progress' | 'over';
}

type Course = readonly ['ring' | 'join' | 'end', Stage['status']][];

const ANSWERED: Course = [
  ['ring', 'ringing'],
  ['join', 'in-progress'],
  ['end', 'over'],
];
const UNANSWERED: Course = [
  ['ring', 'ringing'],
  ['end', 'over'],
];
const TURNED_DOWN: Course = [
  ['ring', 'ringing'],
  ['join', 'over'],
];
const NEVER_RANG: Course = [['ring', 'over']];

const NO_ENDING: Ending = {
  status: 'ended',
  outcome: 'answered',
  endReason: 'hangup',
  termination: 'NORMAL',
  talked: true,
};

const BEHAVIOUR: Readonly<Record<Phone, { readonly course: Course; readonly ending: Ending }>> = {
  answered: { course: ANSWERED, ending: NO_ENDING },
  voicemail: { course: ANSWERED, ending: { ...NO_ENDING, outcome: 'voicemail' } },
  busy: { course: TURNED_DOWN, ending: unjoined('ended', 'busy', 'BUSY') },
  no_answer: { course: UNANSWERED, ending: unjoined('ended', 'no_answer', 'TIMEOUT') },
  declined: { course: TURNED_DOWN, ending: unjoined('ended', 'declined', 'REJECTED') },
  invalid_number: {
    course: NEVER_RANG,
    ending: unjoined('failed', 'invalid_number', 'INVALID_NUMBER'),
  },
  unreachable: {
    course: NEVER_RANG,
    ending: unjoined('failed', 'unreachable', 'DESTINATION_UNAVAILABLE'),
  },
  cancelled: { course: TURNED_DOWN, ending: unjoined('cancelled', 'cancelled', 'CANCELED') },
  failed: {
    course: TURNED_DOWN,
    ending: { ...unjoined('failed', 'failed', 'UNKNOWN'), endReason: 'system_error' },
  },
  stuck_queued: { course: [], ending: NO_ENDING },
  stuck_ringing: { course: [['ring', 'ringing']], ending: NO_ENDING },
  stuck_in_progress: {
    course: [
      ['ring', 'ringing'],
      ['join', 'in-progress'],
    ],
    ending: NO_ENDING,
  },
};

function unjoined(status: Ending['status'], outcome: string, termination: string): Ending {
  return { status, outcome, endReason: 'unjoined', termination, talked: false };
}

/** The phone a plan means; `earlierDials`: to this number, in the same conversation. */
export function phoneOf(plan: Plan, earlierDials: number): Phone {
  const { phones } = plan;
  const inTurn = phones?.[Math.min(earlierDials, phones.length - 1)];
  return inTurn ?? plan.phone ?? 'answered';
}

/** What happens after a dial, and when. */
export function stagesOf(phone: Phone, times: Plan['times'], speed: number): readonly Stage[] {
  const atMs = {
    ring: (times?.ringMs ?? 500) / speed,
    join: (times?.joinMs ?? 1_000) / speed,
    end: (times?.endMs ?? 3_000) / speed,
  };
  return BEHAVIOUR[phone].course.map(([moment, status]) => ({ atMs: atMs[moment], status }));
}

export function endingOf(phone: Phone, plan: Plan): Ending {
  const { ending } = BEHAVIOUR[phone];
  return {
    ...ending,
    ...(plan.outcome !== undefined && { outcome: plan.outcome }),
    ...(plan.endReason !== undefined && {
      endReason: plan.endReason,
      saidReason: plan.endReason,
      termination: null,
    }),
  };
}

interface VirtualPhone {
  readonly number: string;
  readonly does: string;
  readonly plan: Plan;
}

/** Numbers that behave by themselves, in the manner of test cards. Every other one is answered. */
export const VIRTUAL_PHONES: readonly VirtualPhone[] = [
  phone('0100', 'is answered', { phone: 'answered' }),
  phone('0101', 'is answered', { phone: 'answered' }),
  phone('0102', 'is busy', { phone: 'busy' }),
  phone('0103', 'rings, and nobody answers', { phone: 'no_answer' }),
  phone('0104', 'is declined', { phone: 'declined' }),
  phone('0105', 'is accepted by Truedy, and no number to the carrier', { phone: 'invalid_number' }),
  phone('0106', 'is picked up by a voicemail', { phone: 'voicemail' }),
  phone('0107', 'cannot be reached', { phone: 'unreachable' }),
  phone('0108', 'is cancelled while it rings', { phone: 'cancelled' }),
  phone('0109', 'fails by a technical error', { phone: 'failed' }),
  phone('0110', 'stays queued for ever', { phone: 'stuck_queued' }),
  phone('0111', 'rings for ever', { phone: 'stuck_ringing' }),
  phone('0112', 'stays in progress for ever', { phone: 'stuck_in_progress' }),
  phone('0113', 'is answered, every webhook is lost', { webhooks: { events: [] } }),
  phone('0114', 'is answered, every webhook comes five times', { webhooks: { copies: 5 } }),
  phone('0115', 'is answered, the last webhook comes before the answer to the POST', {
    webhooks: { early: 'call.ended' },
  }),
  phone('0116', 'first nobody answers, then it is busy, then answered', {
    phones: ['no_answer', 'busy', 'answered'],
  }),
  phone('0117', 'is answered, and talks for a minute', {
    times: { endMs: 61_000 },
    durationSeconds: 60,
  }),
  phone('0118', 'is answered, with a transcript of 5 MB', { transcriptBytes: 5_000_000 }),
  phone('0119', 'is refused by Truedy as no valid number (422), no dial', {
    post: {
      kind: 'answer',
      status: 422,
      code: 'invalid_phone_number',
      dials: false,
      as: 'vendor',
      afterMs: 0,
    },
  }),
  phone('0120', 'is answered, the connection breaks after the dial', {
    post: { kind: 'cut', dials: true, afterMs: 0 },
  }),
  phone('0121', 'is answered, and Truedy says 500 after the dial', {
    post: { kind: 'answer', status: 500, dials: true, as: 'vendor', afterMs: 0 },
  }),
  phone('0122', 'is never rung: Truedy says 500 before the dial', {
    post: { kind: 'answer', status: 500, dials: false, as: 'vendor', afterMs: 0 },
  }),
  phone('0123', 'is answered, though Truedy says at once that it failed', {
    post: { kind: 'says_failed', corrected: true },
  }),
  phone('0124', 'is answered, transcript, summary and recording follow 2 s after the end', {
    artifactsAfterMs: 2_000,
  }),
  phone('0125', 'is answered, the vendor tells no outcome', { outcome: null }),
  phone('0126', 'is answered, webhooks come last first', { webhooks: { reversed: true } }),
  phone('0127', 'is answered, webhooks are signed with a wrong secret', {
    webhooks: { sign: 'wrong_secret' },
  }),
];

/** The built-in plan of a number; empty for all that are no virtual phone. */
export function virtualPlan(number: string): Plan {
  return PLANS.get(number) ?? {};
}

const PLANS: ReadonlyMap<string, Plan> = new Map(
  VIRTUAL_PHONES.map(({ number, plan }) => [number, plan]),
);

function phone(last: string, does: string, plan: Plan): VirtualPhone {
  return { number: `+1415555${last}`, does, plan };
}
