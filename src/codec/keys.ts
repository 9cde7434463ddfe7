/** An id, then 32 bytes of base64: 43 characters and one of padding. */
const ENTRY = /^([\w.-]{1,64}):([A-Za-z0-9+/]{43}=)$/;

/** Keys by their ids, in the order given. The first one writes. */
export type EncryptionKeys = ReadonlyMap<string, Buffer>;

/** @param list `id:base64 of 32 bytes`, comma separated. @throws TypeError that says what is wrong, without the key. */
export function parseKeys(list: string): EncryptionKeys {
  const problem = keysProblem(list);
  if (problem !== undefined) throw new TypeError(`The list of encryption keys ${problem}.`);
  return new Map(list.split(',').map((entry) => toKey(entry) ?? ['', Buffer.alloc(0)]));
}

/** What is wrong with a list of keys, as in `contains a key id twice`. */
export function keysProblem(list: string): string | undefined {
  const keys = list.split(',').map(toKey);
  const ids = new Set(keys.map((key) => key?.[0]));
  if (ids.has(undefined)) {
    return 'contains an entry other than id:key, where key is base64 of 32 bytes (openssl rand -base64 32)';
  }
  return ids.size === keys.length ? undefined : 'contains a key id twice';
}

// --- internal ---

function toKey(entry: string): readonly [id: string, key: Buffer] | undefined {
  const [, id, key] = ENTRY.exec(entry.trim()) ?? [];
  if (id === undefined || key === undefined) return undefined;
  return [id, Buffer.from(key, 'base64')];
}
