import type { DeferralCause, FailureType } from '../dial-request';

// Country calling codes of one and two digits (ITU-T E.164 list of assigned codes); all others have three.
const ONE_DIGIT = /^\+[17]/;
const TWO_DIGITS = /^\+(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const NUMBER = /\+\d{7,15}/g;
const LEAST_DIGITS = 7;
// A date or an IPv4 address, else digits with up to three separators between two; never a part of a longer word.
const DATE_OR_ADDRESS = String.raw`\d{4}-\d\d-\d\d(?!\d)|\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)`;
const NOT_A_NUMBER = new RegExp(`^(?:${DATE_OR_ADDRESS})$`);
const LOOSE_NUMBER = new RegExp(
  String.raw`(?<![\w/#-])(?:${DATE_OR_ADDRESS}|[+(]?\p{Nd}(?:[\s().\p{Pd}/]{0,3}\p{Nd})+(?!-?\w))`,
  'gu',
);

/** A number as people may see it: country code, three dots, the last two digits. Its length is not shown. */
export function maskNumber(number: string): string {
  const last = number.slice(-2);
  if (!/^\+\d{7,15}$/.test(number)) return `•••${/^\d{2}$/.test(last) ? last : ''}`;
  return `${countryCode(number)}•••${last}`;
}

/** A text with every number in it masked. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, maskNumber);
}

/**
 * A text that is not ours with every number in it masked, also without a plus or with separators.
 *
 * What a date, an address or a part of an id looks like stays: `2026-12-01`, `10.0.12.140`, `order-1234567`.
 */
export function maskForeignNumbers(text: string): string {
  return maskNumbers(text).replace(LOOSE_NUMBER, (found) => {
    if (NOT_A_NUMBER.test(found)) return found;
    const digits = found.replace(/[^\p{Nd}]/gu, '');
    if (digits.length < LEAST_DIGITS) return found;
    return maskNumber(found.startsWith('+') ? `+${digits}` : digits);
  });
}

/** `4 s`, `2 min`, `3 h 20 min`, `2 d 11 h`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The one line of a run on its page in the Temporal UI: at most 200 bytes, and Markdown like the rest of it. */
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
  // A cut between an escape and its sign would escape what follows.
  return isWithin(line, 200) ? line : cutToBytes(line, 200).replace(/\\+$/, '');
}

/** A fault that somebody has to repair, or to wait for, in plain words. */
export function faultText(fault: FailureType | DeferralCause): string {
  return FAULTS[fault] ?? fault.replaceAll('_', ' ');
}

/** Text that is not ours, on one line, for Markdown: numbers masked, cut to so many bytes, escaped. */
export function foreignText(text: string, mostBytes: number): string {
  return escapeMarkdown(cutToBytes(maskForeignNumbers(text), mostBytes));
}

/**
 * Text that is not ours, for Markdown on one line: the UI renders raw HTML, bare addresses, formulas and lists.
 *
 * An underscore inside a word and a colon between digits are no markup and stay: most of our words have
 * the one, and our times the other.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(
      /[\\<>`*[\]|#~&$^{}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<!\d):|:(?!\d)|(?<=www)\.|^ ?[-+]|(?<=^ ?\d+)[.)]/gi,
      (mark) => mark.replace(/\S/, '\\$&'),
    );
}

/** Text that is not ours as a code span, which a line break or a backtick would end. */
export function codeSpan(text: string): string {
  const shown = cutToBytes(maskNumbers(text).replace(/[`<>\\\s]+/g, ''), 80);
  return `\`${shown === '' ? '?' : shown}\``;
}

/** Whether the text takes at most so many bytes of UTF-8. */
export function isWithin(text: string, mostBytes: number): boolean {
  return cutToBytes(text, mostBytes) === text;
}

/** The text up to so many bytes of UTF-8. */
export function cutToBytes(text: string, mostBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const sign of text) {
    const point = sign.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > mostBytes) break;
    end += sign.length;
  }
  return text.slice(0, end);
}

const FAULTS: Readonly<Partial<Record<FailureType | DeferralCause, string>>> = {
  insufficient_credits: 'no credits at Truedy',
  unauthorized: 'Truedy does not take the API key',
  forbidden: 'Truedy forbids this account the call',
  rate_limited: 'Truedy limits the rate',
  truedy_unreachable: 'Truedy cannot be reached',
};

function countryCode(number: string): string {
  const [code] = ONE_DIGIT.exec(number) ?? TWO_DIGITS.exec(number) ?? [number.slice(0, 4)];
  return code;
}
