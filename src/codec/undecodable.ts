/** The encoding of an encrypted payload. */
export const ENCRYPTED = 'binary/encrypted';
export const CIPHER = 'AES-GCM';
export const IV_BYTES = 12;
export const TAG_BYTES = 16;

const UNKNOWN_KEY = 'UnknownEncryptionKey:';
const UNPARSED_ARGS = 'Failed to parse activity args for activity ';

/**
 * The failure type of a payload that this process cannot decrypt. The type names the key, because messages of failures
 * are encrypted too.
 */
export function unknownKeyType(keyId: string): string {
  return `${UNKNOWN_KEY}${keyId}`;
}

/** The id of the missing key in a failure type; `undefined` for any other type. */
export function unknownKeyOf(type: string | null | undefined): string | undefined {
  return type?.startsWith(UNKNOWN_KEY) ? type.slice(UNKNOWN_KEY.length) : undefined;
}

/**
 * Whether an activity failed because its worker could not decode the arguments. The SDK decodes them before it calls
 * the activity, so the activity did nothing.
 */
export function isUndecodedArgs(failure: {
  readonly type?: string | null | undefined;
  readonly message: string;
}): boolean {
  return unknownKeyOf(failure.type) !== undefined || failure.message.startsWith(UNPARSED_ARGS);
}

/**
 * The key id of an encrypted payload; `undefined` for any other payload, and for a malformed one, which no key could
 * decrypt.
 */
export function keyIdOf({
  metadata,
  data,
}: {
  readonly metadata?: Readonly<Record<string, Uint8Array>> | null;
  readonly data?: Uint8Array | null;
}): string | undefined {
  const text = (name: string) => new TextDecoder().decode(metadata?.[name] ?? undefined);
  if (text('encoding') !== ENCRYPTED || (data?.length ?? 0) < IV_BYTES + TAG_BYTES)
    return undefined;
  // The cipher is optional in payloads of other programs: there is only one.
  if (!['', CIPHER].includes(text('encryption-cipher'))) return undefined;
  const keyId = text('encryption-key-id');
  return isKeyId(keyId) ? keyId : undefined;
}

// --- internal ---

function isKeyId(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text);
}
