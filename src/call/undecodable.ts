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
