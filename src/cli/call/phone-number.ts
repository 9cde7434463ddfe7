import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { hiddenCharacter, nonAsciiCharacter } from '../../call/text/characters';
import { maskNumber } from '../../call/text/masking';
import type { SpecialKind } from '../shared/parsers';
import { usageError } from '../shared/usage-error';

/** Country calling codes of global networks, mostly satellite, all expensive. ITU-T E.164 list. */
const GLOBAL_CODES: ReadonlySet<string> = new Set(['870', '878', '881', '882', '883']);
const PREMIUM_CODE = '979';
/** A full international number, as Truedy requires it. */
export const E164 = /^\+[1-9]\d{6,14}$/;

/** The special kind of a number according to the numbering plans, which lag behind the carriers. */
export function specialKind(number: string): SpecialKind | undefined {
  const parsed = parsePhoneNumberFromString(number);
  if (parsed === undefined) return undefined;
  const type = parsed.getType();
  if (type === 'PREMIUM_RATE' || parsed.countryCallingCode === PREMIUM_CODE) return 'premium';
  if (type === 'SHARED_COST') return 'shared_cost';
  return GLOBAL_CODES.has(parsed.countryCallingCode) ? 'satellite' : undefined;
}

/** @throws KnownError TT3003 if the number is of a special kind that is not allowed. */
export function refuseSpecial(number: string, allowed: readonly SpecialKind[] = []): void {
  const kind = specialKind(number);
  if (kind === undefined || allowed.includes(kind)) return;
  throw usageError(
    `TT3003  ${maskNumber(number)} is a ${kind.replace('_', '-')} number. Nothing was started.`,
    'Such calls cost many times a usual call, so they need an explicit flag.',
    `--allow-kind ${kind}`,
  );
}

/**
 * What is wrong with a text that is not an E.164 number, and how to correct it.
 *
 * Suggests a correction only if it changes no digit and libphonenumber reads the same number: the same
 * digits can stand for two different numbers.
 */
export function numberHint(text: string): string | undefined {
  if (E164.test(text)) return undefined;
  // The input check names the character.
  if (hiddenCharacter(text) !== undefined) return 'delete it, or type the number again';
  const spreadsheet = spreadsheetForm(text);
  if (spreadsheet !== undefined) {
    return `${spreadsheet}: format the column as text, then export it as CSV UTF-8`;
  }
  const foreign = nonAsciiCharacter(text);
  if (foreign !== undefined) return `it contains ${foreign}: type the number again`;
  if (/^0\d{6,}$/.test(text)) return 'it begins with 0: use + and the country code instead';
  if (/^\d{7,}$/.test(text)) return 'it has no +: start with + and the country code';
  if (isNumber(text.replace(/^tel:/i, ''), text)) return 'leave out tel:';
  // Some countries drop the digit in "(0)" after the country code, others keep it.
  return !text.includes('(0)') && isNumber(text.replace(/[ ().-]+/g, ''), text)
    ? 'leave out spaces, brackets, dots and hyphens'
    : undefined;
}

/** A number according to the numbering plans. Ported and roaming numbers may be elsewhere. */
export function describeNumber(number: string): {
  readonly kind: string;
  readonly countries: readonly string[];
  readonly isValid: boolean;
} {
  const parsed: PhoneNumber | undefined = parsePhoneNumberFromString(number);
  return {
    kind: parsed?.getType()?.toLowerCase() ?? 'unknown kind',
    countries: parsed?.getPossibleCountries() ?? [],
    isValid: parsed?.isValid() ?? false,
  };
}

// --- internal ---

/** Whether libphonenumber reads the text as this number, and it is in the numbering plans. */
function isNumber(number: string, text: string): boolean {
  const parsed = parsePhoneNumberFromString(text);
  return E164.test(number) && parsed?.number === number && parsed.isValid();
}

/** How a spreadsheet changed a number in a column that is not formatted as text. */
function spreadsheetForm(text: string): string | undefined {
  if (text.startsWith("'")) return 'it begins with an apostrophe';
  if (text.startsWith('=')) return 'it is a formula';
  if (/^\+?\d([.,]\d+)?E\+?\d+$/i.test(text)) return 'a spreadsheet rounded it, so digits are lost';
  return /^\+?\d{7,15}[.,]0+$/.test(text) ? 'a spreadsheet formatted it as an amount' : undefined;
}
