import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { ApplicationFailure, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { CIPHER, ENCRYPTED, IV_BYTES, keyIdOf, TAG_BYTES, unknownKeyType } from './undecodable';
import { parseKeys, type EncryptionKeys } from './keys';

const { Payload: PayloadType } = temporal.api.common.v1;

const ALGORITHM = 'aes-256-gcm';

export interface EncryptionCodecOptions {
  /** `id:base64 of 32 bytes`, comma separated. The first key encrypts; all of them decrypt. */
  readonly keys: string;
  /** Called for each payload that none of the keys decrypts, with the key id in its metadata. */
  readonly onUnknownKey?: (keyId: string) => void;
}

/**
 * Encrypts each payload with AES-256-GCM, in the format of Temporal's samples for other SDKs: metadata `encoding`
 * (`binary/encrypted`), `encryption-cipher` and `encryption-key-id`; data of 12 bytes of nonce, the ciphertext of the
 * serialized payload, and 16 bytes of tag.
 *
 * `decode` returns payloads of any other encoding unchanged, and so it does for a malformed one, which no key could
 * decrypt. It rejects with an `ApplicationFailure` of type `UnknownEncryptionKey:<key id>` if the key is missing here or
 * has other bytes: a worker then retries its task, so a run waits until a worker has the key, and loses nothing.
 *
 * @throws TypeError if `keys` is malformed.
 */
export function createEncryptionCodec({
  keys: list,
  onUnknownKey,
}: EncryptionCodecOptions): PayloadCodec {
  const keys = parseKeys(list);
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, keys)),
    decode: async (payloads) =>
      payloads.map((payload) => {
        const keyId = keyIdOf(payload);
        if (keyId === undefined) return payload;
        const decrypted = decrypt(payload.data ?? new Uint8Array(), keys.get(keyId));
        if (decrypted !== undefined) return decrypted;
        onUnknownKey?.(keyId);
        throw unknownKey(keyId, keys);
      }),
  };
}

// --- internal ---

function encrypt(payload: Payload, keys: EncryptionKeys): Payload {
  const [[keyId, key] = []] = keys;
  if (keyId === undefined || key === undefined) throw new TypeError('There is no encryption key.');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv);
  const plain = PayloadType.encode(payload).finish();
  const data = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return {
    metadata: {
      encoding: Buffer.from(ENCRYPTED),
      'encryption-cipher': Buffer.from(CIPHER),
      'encryption-key-id': Buffer.from(keyId),
    },
    data,
  };
}

/** `undefined` if the key is unknown or does not fit. */
function decrypt(data: Uint8Array, key: Buffer | undefined): Payload | undefined {
  if (key === undefined) return undefined;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(ALGORITHM, key, data.subarray(0, IV_BYTES), options);
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  const start = decipher.update(data.subarray(IV_BYTES, -TAG_BYTES));
  try {
    return PayloadType.decode(Buffer.concat([start, decipher.final()]));
  } catch {
    return undefined;
  }
}

function unknownKey(keyId: string, keys: EncryptionKeys): ApplicationFailure {
  const why = keys.has(keyId)
    ? `key ${keyId} has other bytes here than where the payload was written, or the payload was changed`
    : `it needs key ${keyId}, and the keys here are ${[...keys.keys()].join(', ')}`;
  return ApplicationFailure.create({
    type: unknownKeyType(keyId),
    message: `A payload cannot be decrypted: ${why}. Add the key to TRUEDY_ENCRYPTION_KEYS and restart.`,
  });
}
