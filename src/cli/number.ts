import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { maskNumber } from '../call/words';
import { KnownError } from '../process';
import { EXIT } from './exits';
import type { SpecialKind } from './flag-values';

/** Country calling codes of global networks, most of them by satellite, all of them dear. ITU-T E.164 list. */
const GLOBAL_CODES: ReadonlySet<string> = new Set(['870', '878', '881', '882', '883']);
const PREMIUM_CODE = '979';
const E164 = /^\+[1-9]\d{6,14}$/;

/** What kind of special number it is, as far as numbering plans tell: they lag behind the carriers. */
export function specialKind(number: string): SpecialKind | undefined {
  const parsed = parsePhoneNumberFromString(number);
  if (parsed === undefined) return undefined;
  const type = parsed.getType();
  if (type === 'PREMIUM_RATE' || parsed.countryCallingCode === PREMIUM_CODE) return 'premium';
  if (type === 'SHARED_COST') return 'shared_cost';
  return GLOBAL_CODES.has(parsed.countryCallingCode) ? 'satellite' : undefined;
}

/** @throws KnownError TT3003 where the number is of a special kind that is not allowed. */
export function refuseSpecial(number: string, allowed: readonly SpecialKind[] = []): void {
  const kind = specialKind(number);
  if (kind === undefined || allowed.includes(kind)) return;
  throw new KnownError(
    `TT3003  ${maskNumber(number)} is a ${kind.replace('_', '-')} number. Nothing was started.\n` +
      '        Such calls cost many times a usual one, so they are made only where that is said.\n' +
      `        --allow-kind ${kind}`,
    EXIT.usage,
  );
}

/**
 * How a text that is no E.164 number would become one, where one is sure.
 *
 * Nothing repairs it in silence: two people can mean two numbers by the same digits.
 */
export function repairHint(text: string): string | undefined {
  if (E164.test(text)) return undefined;
  const bare = text.replace(/[\s().-]+/g, '');
  if (E164.test(bare)) return 'leave out blanks, brackets, dots and hyphens';
  if (E164.test(bare.replace(/^00/, '+'))) return 'write + for the leading 00';
  if (E164.test(text.normalize('NFKC'))) return 'write plain digits';
  const { number } = parsePhoneNumberFromString(text, 'US') ?? {};
  return number !== undefined && /^\D*\d{3}\D*\d{3}\D*\d{4}$/.test(text)
    ? `with the US assumed it would be ${maskNumber(number)}: write its + and country code`
    : undefined;
}

/** What the numbering plans make of a number; ported and roaming ones may be elsewhere. */
export function describeNumber(number: string): {
  readonly kind: string;
  readonly countries: readonly string[];
  readonly isValid: boolean;
} {
  const parsed: PhoneNumber | undefined = parsePhoneNumberFromString(number);
  return {
    kind: parsed?.getType()?.toLowerCase() ?? 'of no known kind',
    countries: parsed?.getPossibleCountries() ?? [],
    isValid: parsed?.isValid() ?? false,
  };
}
