import { parseJson } from '../../../runtime/text-file';
import { isWorthParsing } from '../../../truedy/delivery';
import {
  HEADER_FAMILIES,
  isSigned,
  MAX_AGE_SECONDS,
  MAX_AHEAD_SECONDS,
  sentMsOf,
  type Claim,
} from '../../../truedy/signature';
import { isIdentity } from '../../../webhook/media-type';
import { isClaim, readHeader, secretName, valuesOf, type HeaderList } from '../delivery';
import { jsonForms } from './json-spellings';

/** A refused delivery and what it was checked with. */
export interface Examined {
  readonly headers: HeaderList;
  /** Empty if the bridge did not read it. */
  readonly body: Uint8Array;
  readonly claim: Claim;
  readonly secrets: readonly string[];
  readonly nowMs: number;
}

// Each function describes one problem, without quoting the body, or returns `undefined`.

export const tooLarge = () => 'the body is larger than 1 MiB';

export function encoded({ headers }: Examined): string | undefined {
  if (isIdentity(readHeader(headers, 'content-encoding'))) return undefined;
  return 'the body is compressed (Content-Encoding)';
}

export function notJsonType({ headers }: Examined): string {
  const isMissing = readHeader(headers, 'content-type') === undefined;
  return `the Content-Type is ${isMissing ? 'missing' : 'wrong'}; only application/json in UTF-8 is accepted`;
}

export function headerDoubled({ headers }: Examined): string | undefined {
  const doubled = CLAIM_HEADERS.find((name) => valuesOf(headers, name).length > 1);
  return doubled === undefined ? undefined : `the header ${doubled} appears more than once`;
}

export function headersMisspelled({ headers }: Examined): string | undefined {
  const given = CLAIM_HEADERS.filter((name) => isGiven(headers, name));
  if (given.length > 1) return `${given.join(' and ')} do not belong together`;
  const similar = headers
    .map(([name]) => name)
    .filter((name) => /signature|timestamp/i.test(name) && !isClaim(name.toLowerCase()));
  if (similar.length === 0) return undefined;
  return `the headers must be ${namesOf(FIRST).join(' and ')}, or the same with x-trudy-, but are ${similar.join(', ')}`;
}

export function headersMissing({ headers }: Examined): string {
  const partly = HEADER_FAMILIES.find((family) =>
    namesOf(family).some((name) => isGiven(headers, name)),
  );
  const absent = namesOf(partly ?? FIRST).filter((name) => !isGiven(headers, name));
  const subject =
    absent.length === 1 ? `the header ${absent.join()} is` : `${absent.join(' and ')} are`;
  return `${subject} missing or empty`;
}

export function timestampUnreadable({ claim: { timestamp } }: Examined): string | undefined {
  if (!Number.isNaN(sentMsOf(timestamp))) return undefined;
  const actual = /^\d{13}$/.test(timestamp) ? 'is in milliseconds' : 'has an unknown format';
  return `the timestamp ${actual}; it must be 10 digits of Unix seconds or a full ISO 8601 instant`;
}

export function timestampOld(delivery: Examined): string | undefined {
  const seconds = ageSeconds(delivery);
  if (seconds < 0) return undefined;
  return `the timestamp is ${seconds} s old; at most ${MAX_AGE_SECONDS} s are allowed`;
}

export function timestampAhead(delivery: Examined): string {
  return `the timestamp is ${-ageSeconds(delivery)} s in the future; at most ${MAX_AHEAD_SECONDS} s are allowed`;
}

export function signatureMisformed(delivery: Examined): string | undefined {
  const format = signatureFormat(delivery.claim.signature);
  if (format === undefined) return undefined;
  const secret =
    format.hex === undefined ? undefined : signerOf(delivery, { signature: format.hex });
  const match =
    secret === undefined ? '' : `; its value is correct for secret ${secretName(secret)}`;
  return `the signature ${format.problem}; only 64 lowercase hex digits are accepted${match}`;
}

export function bodyReformatted(delivery: Examined): string | undefined {
  const body = textOf(delivery);
  for (const { name, text } of body === undefined ? [] : jsonForms(body)) {
    const secret = signerOf(delivery, { rawBody: Buffer.from(text) });
    if (secret === undefined) continue;
    return `the body was reformatted in transit: the sender signed ${name}, with secret ${secretName(secret)}`;
  }
  return undefined;
}

export function signatureByOther({ secrets }: Examined): string {
  const which = secrets.length === 1 ? 'the secret' : `any of the ${secrets.length} secrets`;
  const names = secrets.map(secretName).join(', ');
  return `the signature does not match ${which} (${names}), over these bytes or the same JSON in another format`;
}

export function notUtf8(delivery: Examined): string | undefined {
  return textOf(delivery) === undefined ? 'the body is not UTF-8' : undefined;
}

/** The parser's own message would quote the body. */
export function notJson(delivery: Examined): string | undefined {
  const text = textOf(delivery) ?? '';
  if (parseJson(text) !== undefined) return undefined;
  const start = text.startsWith('\ufeff') ? ': it begins with a byte order mark' : '';
  return `the body is not one JSON document${start}`;
}

export function unreasonable(delivery: Examined): string | undefined {
  if (isWorthParsing(textOf(delivery) ?? '')) return undefined;
  return 'the body is over 32 levels deep, has over 100,000 keys, or repeats a key in an object';
}

export function wrongShape(delivery: Examined): string {
  const value = parseJson(textOf(delivery) ?? '');
  if (!isObject(value)) return 'the body is not a JSON object';
  if (typeof value['event'] !== 'string' || value['event'] === '') return 'the body has no event';
  if (!isObject(value['data'])) return 'the body has no data object';
  return 'the body identifies no call, by an id (A-Z a-z 0-9 _ -) or our reference; or it contains an unpaired surrogate or a key such as __proto__';
}

// --- internal ---

type Family = (typeof HEADER_FAMILIES)[number];
const [FIRST] = HEADER_FAMILIES;
const namesOf = ({ timestamp, signature }: Family) => [timestamp, signature];
const CLAIM_HEADERS = HEADER_FAMILIES.flatMap(namesOf);

function isGiven(headers: HeaderList, name: string): boolean {
  return valuesOf(headers, name).some(Boolean);
}

function ageSeconds({ claim, nowMs }: Examined): number {
  return Math.round((nowMs - sentMsOf(claim.timestamp)) / 1000);
}

/** The secret that signed the delivery, or a variant of it. */
function signerOf(
  { claim, body, secrets }: Examined,
  variant: { readonly signature?: string; readonly rawBody?: Uint8Array },
): string | undefined {
  return secrets.find((secret) =>
    isSigned({ ...claim, rawBody: body, ...variant, secrets: [secret] }),
  );
}

/** What is wrong with the format of a signature, and its hex digits if they can be recovered. */
function signatureFormat(
  signature: string,
): { readonly problem: string; readonly hex?: string } | undefined {
  if (/^[0-9a-f]{64}$/.test(signature)) return undefined;
  const [, prefix, rest] = /^(sha256=|v1=|v0=)(.+)$/i.exec(signature) ?? [];
  if (prefix !== undefined && rest !== undefined) {
    return { problem: `begins with ${prefix}`, hex: rest.toLowerCase() };
  }
  if (/^[0-9a-f]{64}$/i.test(signature)) {
    return { problem: 'is in upper case', hex: signature.toLowerCase() };
  }
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(signature)) {
    return { problem: 'is base64', hex: Buffer.from(signature, 'base64').toString('hex') };
  }
  if (/[,\s]/.test(signature)) return { problem: 'contains commas or spaces' };
  return { problem: `is ${signature.length} characters long or contains other characters` };
}

function textOf({ body }: Examined): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
