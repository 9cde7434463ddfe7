import type { Phone, CallScript } from '../script/script';

/** How a call ended, in the words of Truedy's guide and in those of the carrier. */
export interface Ending {
  readonly status: 'ended' | 'failed' | 'cancelled';
  readonly outcome: string | null;
  readonly endReason: string | null;
  /** The API's `end_reason`, only if a script sets it: no documented response has it. */
  readonly reportedReason?: string | null;
  /** `sipDetails.terminationReason`, without its prefix. */
  readonly termination: string | null;
  /** Whether a person or a machine answered. */
  readonly talked: boolean;
}

/** One stage of a call, `atMs` after the dial. */
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

const ANSWERED_ENDING: Ending = {
  status: 'ended',
  outcome: 'answered',
  endReason: 'hangup',
  termination: 'NORMAL',
  talked: true,
};

const BEHAVIORS: Readonly<Record<Phone, { readonly course: Course; readonly ending: Ending }>> = {
  answered: { course: ANSWERED, ending: ANSWERED_ENDING },
  voicemail: { course: ANSWERED, ending: { ...ANSWERED_ENDING, outcome: 'voicemail' } },
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
  stuck_queued: { course: [], ending: ANSWERED_ENDING },
  stuck_ringing: { course: [['ring', 'ringing']], ending: ANSWERED_ENDING },
  stuck_in_progress: {
    course: [
      ['ring', 'ringing'],
      ['join', 'in-progress'],
    ],
    ending: ANSWERED_ENDING,
  },
};

function unjoined(status: Ending['status'], outcome: string, termination: string): Ending {
  return { status, outcome, endReason: 'unjoined', termination, talked: false };
}

/** The phone of a script; `earlierDials`: to this number in the same conversation. */
export function phoneOf(script: CallScript, earlierDials: number): Phone {
  const { phones } = script;
  const inTurn = phones?.[Math.min(earlierDials, phones.length - 1)];
  return inTurn ?? script.phone ?? 'answered';
}

/** The stages of a call after its dial. */
export function stagesOf(
  phone: Phone,
  times: CallScript['times'],
  speed: number,
): readonly Stage[] {
  const atMs = {
    ring: (times?.ringMs ?? 500) / speed,
    join: (times?.joinMs ?? 1_000) / speed,
    end: (times?.endMs ?? 3_000) / speed,
  };
  return BEHAVIORS[phone].course.map(([moment, status]) => ({ atMs: atMs[moment], status }));
}

export function endingOf(phone: Phone, script: CallScript): Ending {
  const { ending } = BEHAVIORS[phone];
  return {
    ...ending,
    ...(script.outcome !== undefined && { outcome: script.outcome }),
    ...(script.endReason !== undefined && {
      endReason: script.endReason,
      reportedReason: script.endReason,
      termination: null,
    }),
  };
}

interface VirtualPhone {
  readonly number: string;
  readonly does: string;
  readonly script: CallScript;
}

const FAILS = { kind: 'answer', as: 'vendor', afterMs: 0 } as const;

/** Numbers with a fixed behavior, like test card numbers. Every other number is answered. */
export const VIRTUAL_PHONES: readonly VirtualPhone[] = [
  phone('0100', 'is answered', { phone: 'answered' }),
  phone('0101', 'is answered', { phone: 'answered' }),
  phone('0102', 'is busy', { phone: 'busy' }),
  phone('0103', 'rings and is not answered', { phone: 'no_answer' }),
  phone('0104', 'is declined', { phone: 'declined' }),
  phone('0105', 'is accepted by Truedy, but invalid for the carrier', { phone: 'invalid_number' }),
  phone('0106', 'is answered by voicemail', { phone: 'voicemail' }),
  phone('0107', 'is unreachable', { phone: 'unreachable' }),
  phone('0108', 'is canceled while it rings', { phone: 'cancelled' }),
  phone('0109', 'fails with a technical error', { phone: 'failed' }),
  phone('0110', 'stays queued forever', { phone: 'stuck_queued' }),
  phone('0111', 'rings forever', { phone: 'stuck_ringing' }),
  phone('0112', 'stays in progress forever', { phone: 'stuck_in_progress' }),
  phone('0113', 'is answered; every webhook is lost', { webhooks: { events: [] } }),
  phone('0114', 'is answered; every webhook is sent five times', { webhooks: { copies: 5 } }),
  phone('0115', 'is answered; the last webhook arrives before the response to the POST', {
    webhooks: { early: 'call.ended' },
  }),
  phone('0116', 'is first not answered, then busy, then answered', {
    phones: ['no_answer', 'busy', 'answered'],
  }),
  phone('0117', 'is answered and talks for a minute', {
    times: { endMs: 61_000 },
    durationSeconds: 60,
  }),
  phone('0118', 'is answered, with a transcript of 5 MB', { transcriptBytes: 5_000_000 }),
  phone('0119', 'is refused by Truedy as invalid (422), without a dial', {
    post: { ...FAILS, status: 422, code: 'invalid_phone_number', dials: false },
  }),
  phone('0120', 'is answered, but the connection breaks after the dial', {
    post: { kind: 'cut', dials: true, afterMs: 0 },
  }),
  phone('0121', 'is answered, but Truedy returns 500 after the dial', {
    post: { ...FAILS, status: 500, dials: true },
  }),
  phone('0122', 'is not dialed: Truedy returns 500 before the dial', {
    post: { ...FAILS, status: 500, dials: false },
  }),
  phone('0123', 'is answered, but Truedy first reports that it failed', {
    post: { kind: 'says_failed', corrected: true },
  }),
  phone('0124', 'is answered; transcript, summary and recording follow 2 s after the end', {
    artifactsAfterMs: 2_000,
  }),
  phone('0125', 'is answered, but Truedy reports no outcome', { outcome: null }),
  phone('0126', 'is answered; webhooks arrive in reverse order', { webhooks: { reversed: true } }),
  phone('0127', 'is answered; webhooks are signed with a wrong secret', {
    webhooks: { sign: 'wrong_secret' },
  }),
];

/** The built-in script of a number; empty for all other numbers. */
export function scriptOfVirtualPhone(number: string): CallScript {
  return SCRIPTS.get(number) ?? {};
}

const SCRIPTS: ReadonlyMap<string, CallScript> = new Map(
  VIRTUAL_PHONES.map(({ number, script }) => [number, script]),
);

function phone(last: string, does: string, script: CallScript): VirtualPhone {
  return { number: `+1415555${last}`, does, script };
}
