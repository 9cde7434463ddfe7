import { createHash } from 'node:crypto';
import type { Answer } from './responses';
import type { Clock } from '../phones/clock';
import type { Settings } from '../settings';

/** One request with a key, while it is handled. */
export interface Slot {
  /** The earlier answer to the same key and body. */
  readonly replay?: Promise<Answer | undefined>;
  /** Stores a success. An error is not stored, so that a second try runs again. */
  keep(answer: Answer): void;
  drop(): void;
}

export interface KeyedRequest {
  readonly apiKey: string;
  readonly key: string | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const NO_SLOT: Slot = { keep() {}, drop() {} };

/** The vendor's store for `X-Idempotency-Key`, as documented and with its known or suspected bugs. */
export function createIdempotency(clock: Clock) {
  const kept = new Map<string, { readonly answer: Promise<Answer | undefined>; atMs: number }>();
  let uses = 0;

  function begin(
    request: KeyedRequest,
    { mode, ttlMs, storeAfterMs = 0 }: Settings['idempotency'],
  ): Slot {
    if (request.key === null || mode === 'broken') return NO_SLOT;
    uses += 1;
    // Every second lookup fails, and the vendor then ignores the key.
    if (mode === 'fail_open' && uses % 2 === 0) return NO_SLOT;
    const name = nameOf(request, mode === 'legacy_hash');
    const found = kept.get(name);
    if (found !== undefined && clock.now() - found.atMs <= (ttlMs ?? Infinity)) {
      return { ...NO_SLOT, replay: found.answer };
    }
    return mode === 'documented' ? reserve(name) : storeLater(name, storeAfterMs);
  }

  /** A second request waits for the first one's answer. */
  function reserve(name: string): Slot {
    const { promise, resolve } = withResolver<Answer | undefined>();
    kept.set(name, { answer: promise, atMs: clock.now() });
    return {
      keep: resolve,
      drop() {
        kept.delete(name);
        resolve(undefined);
      },
    };
  }

  /** A second request that comes before the first one's answer was stored finds nothing. */
  function storeLater(name: string, afterMs: number): Slot {
    return {
      keep(answer) {
        const store = () => kept.set(name, { answer: Promise.resolve(answer), atMs: clock.now() });
        if (afterMs === 0) store();
        else clock.schedule(afterMs, store);
      },
      drop() {},
    };
  }

  return { begin, clear: () => kept.clear() };
}

// The old backend hashes all other headers, so one more header makes another request.
const NOT_HASHED = ['x-request-id', 'x-forwarded-for', 'user-agent', 'host', 'x-idempotency-key'];

function nameOf({ apiKey, key, body, headers }: KeyedRequest, hashHeaders: boolean): string {
  const counted = Object.entries(headers).filter(([name]) => !NOT_HASHED.includes(name));
  const hashed = hashHeaders ? JSON.stringify(counted.sort(([a], [b]) => (a < b ? -1 : 1))) : '';
  return createHash('sha256').update([apiKey, key, hashed, body].join('\n')).digest('hex');
}

function withResolver<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
