import type { z } from 'zod';
import { TruedyContractError } from './errors';
import { exchange, type AnswerSeen } from './http';

export interface ReadOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For a whole read, in milliseconds. Default 10,000. */
  readonly readLimitMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Told of every answer to a read, whatever it says. */
  readonly onAnswer?: (answer: AnswerSeen) => void;
}

const MAX_READ_BYTES = 8 * 1024 * 1024;

/** Reads one path of the API, once. @throws TruedyError */
export type Read = <T>(path: string, schema: z.ZodType<T>) => Promise<T>;

export function createRead(options: ReadOptions): Read {
  const { baseUrl, apiKey, readLimitMs = 10_000, now = Date.now, onAnswer } = options;
  return async (path, schema) => {
    const name = `GET ${path}`;
    const body = await exchange(
      {
        name,
        method: 'GET',
        url: new URL(`${baseUrl}${path}`),
        headers: [
          ['authorization', `Bearer ${apiKey}`],
          ['accept', 'application/json'],
          ['accept-encoding', 'identity'],
          ['user-agent', 'temporal-truedy'],
        ],
        limitMs: readLimitMs,
        maxBytes: MAX_READ_BYTES,
        ...(onAnswer && { onAnswer }),
      },
      now,
    );
    return asDocumented(name, body, schema);
  };
}

/** @throws TruedyContractError that says where the shape is wrong, and never what stands there. */
export function asDocumented<T>(name: string, body: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path }) => path.join('.') || 'the body').slice(0, 3);
  throw new TruedyContractError(name, `answered 2xx with a wrong shape at ${where.join(', ')}`);
}
