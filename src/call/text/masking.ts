// Country calling codes of one and two digits (ITU-T E.164, list of assigned codes). All others have three.
const ONE_DIGIT = /^\+[17]/;
const TWO_DIGITS = /^\+(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;
const NUMBER = /\+\d{7,15}/g;
const LEAST_DIGITS = 7;
// Dates and IPv4 addresses are matched first, so that the digits pattern cannot match a part of them.
const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const DATE_OR_ADDRESS = String.raw`\d{4}-\d\d-\d\d(?!\d)|${OCTET}(?:\.${OCTET}){3}(?!\.?\d)`;
const NOT_A_NUMBER = new RegExp(`^(?:${DATE_OR_ADDRESS})$`);
// Digits with up to three separators between two of them, and not inside a longer word.
const LOOSE_NUMBER = new RegExp(
  String.raw`(?<![\w/#-])(?:${DATE_OR_ADDRESS}|[+(]?\p{Nd}(?:[\s().\p{Pd}/]{0,3}\p{Nd})+(?!-?\w))`,
  'gu',
);

/** A phone number for display: country code, three dots, the last two digits. Its length is not shown. */
export function maskNumber(number: string): string {
  const last = number.slice(-2);
  if (!/^\+\d{7,15}$/.test(number)) return `•••${/^\d{2}$/.test(last) ? last : ''}`;
  return `${countryCode(number)}•••${last}`;
}

/** Masks every number in E.164 form. */
export function maskNumbers(text: string): string {
  return text.replace(NUMBER, maskNumber);
}

/**
 * Masks every phone number in untrusted text, including numbers with separators or without a plus.
 *
 * Dates, IP addresses and digits inside ids are kept: `2026-12-01`, `10.0.12.140`, `order-1234567`.
 */
export function maskForeignNumbers(text: string): string {
  return maskNumbers(text).replace(LOOSE_NUMBER, (found) => {
    if (NOT_A_NUMBER.test(found)) return found;
    const digits = found.replace(/[^\p{Nd}]/gu, '');
    if (digits.length < LEAST_DIGITS) return found;
    return maskNumber(found.startsWith('+') ? `+${digits}` : digits);
  });
}

// --- internal ---

function countryCode(number: string): string {
  const [code] = ONE_DIGIT.exec(number) ?? TWO_DIGITS.exec(number) ?? [number.slice(0, 4)];
  return code;
}
