// Country calling codes of one and two digits (ITU-T E.164 list of assigned codes); all others have three.
const ONE_DIGIT = /^\+[17]/;
const TWO_DIGITS = /^\+(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const NUMBER = /\+\d{7,15}/g;

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

/** The one line shown above a run in the Temporal UI. */
export function staticSummary(call: {
  readonly phoneNumber: string;
  readonly agentId: string;
  readonly campaign?: string | undefined;
}): string {
  const parts = [`Call ${maskNumber(call.phoneNumber)}`, call.agentId, call.campaign];
  return parts
    .filter((part) => part !== undefined)
    .join(' · ')
    .slice(0, 200);
}

/** Text that is not ours, for Markdown: the UI renders what it is given, raw HTML included. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\<>`*_[\]|#]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');
}

/** Text that is not ours as a code span, which a line break or a backtick would end. */
export function codeSpan(text: string): string {
  return `\`${text.slice(0, 80).replace(/[`<>\s]+/g, '')}\``;
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

function countryCode(number: string): string {
  const [code] = ONE_DIGIT.exec(number) ?? TWO_DIGITS.exec(number) ?? [number.slice(0, 4)];
  return code;
}
