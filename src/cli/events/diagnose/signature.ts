import { isSigned, type Claim } from '../../../truedy/signature';
import type { Broken } from './broken';
import { secretName } from '../delivery';
import { jsonForms } from './json-spellings';

/** Why a signature does not hold for these bytes. */
export function brokenSignature(
  claim: Claim,
  rawBody: Uint8Array,
  secrets: readonly string[],
): Broken {
  const maker = (bytes: Uint8Array, signature: string) =>
    secrets.find((secret) => isSigned({ ...claim, signature, rawBody: bytes, secrets: [secret] }));
  const spelling = spellingOf(claim.signature);
  if (spelling !== undefined) {
    const secret = spelling.hex === undefined ? undefined : maker(rawBody, spelling.hex);
    const rest = secret === undefined ? '' : `; but for that it is right, by ${secretName(secret)}`;
    return {
      rule: 'signature_form',
      problem: `its signature ${spelling.problem}; only 64 lower-case hex digits are taken${rest}`,
    };
  }
  for (const { name, text } of formsOf(rawBody)) {
    const secret = maker(Buffer.from(text), claim.signature);
    if (secret === undefined) continue;
    return {
      rule: 'body_reformatted',
      problem: `its body was written anew on the way: signed was ${name}, by ${secretName(secret)}`,
    };
  }
  return { rule: 'wrong_secret', problem: notMade(secrets) };
}

// --- internal ---

/** What is wrong with the spelling of a signature, and the hex digits behind it, where there are some. */
function spellingOf(
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
  if (/[,\s]/.test(signature)) return { problem: 'holds commas or blanks' };
  return { problem: `has ${signature.length} characters or other signs` };
}

function formsOf(rawBody: Uint8Array) {
  try {
    return jsonForms(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody));
  } catch {
    return [];
  }
}

function notMade(secrets: readonly string[]): string {
  const names = secrets.map(secretName).join(', ');
  const none =
    secrets.length === 1
      ? `the one secret (${names})`
      : `any of the ${secrets.length} secrets (${names})`;
  return `its signature is not by ${none}, over these bytes or the same JSON spelt otherwise`;
}
