import { HEADER_FAMILIES, type Claim } from '../../../truedy/signature';
import type { Broken } from './broken';
import { isClaim, valuesOf, type HeaderList } from '../delivery';

const [FIRST] = HEADER_FAMILIES;

/** What is wrong with the headers that hold timestamp and signature, before their values are looked at. */
export function brokenHeader(headers: HeaderList, claim: Claim | undefined): Broken | undefined {
  const names = HEADER_FAMILIES.flatMap(({ timestamp, signature }) => [timestamp, signature]);
  const doubled = names.find((name) => valuesOf(headers, name).length > 1);
  if (doubled !== undefined) {
    return { rule: 'header_doubled', problem: `the header ${doubled} stands there twice` };
  }
  if (claim !== undefined) return undefined;
  const given = names.filter((name) => valuesOf(headers, name).some(Boolean));
  if (given.length > 1) {
    return {
      rule: 'header_spelling',
      problem: `${given.join(' and ')} are of two spellings; a pair has to be of one`,
    };
  }
  const other = headers.map(([name]) => name).filter(isNearClaim);
  if (other.length > 0) {
    return {
      rule: 'header_spelling',
      problem: `timestamp and signature are looked for in ${FIRST.timestamp} and ${FIRST.signature}, or the same with x-trudy-; here there is ${other.join(', ')}`,
    };
  }
  return { rule: 'header_missing', problem: `${missing(headers)} missing or empty` };
}

// --- internal ---

/** A name that says what it is for and is not one of those that are read. */
function isNearClaim(name: string): boolean {
  const folded = name.toLowerCase();
  return /signature|timestamp/.test(folded) && !isClaim(folded);
}

function missing(headers: HeaderList): string {
  const isGiven = (name: string) => valuesOf(headers, name).some(Boolean);
  const family =
    HEADER_FAMILIES.find(({ timestamp, signature }) => isGiven(timestamp) || isGiven(signature)) ??
    FIRST;
  const absent = [family.timestamp, family.signature].filter((name) => !isGiven(name));
  return absent.length === 1 ? `the header ${absent.join()} is` : `${absent.join(' and ')} are`;
}
