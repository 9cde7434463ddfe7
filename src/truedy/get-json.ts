import type { z } from 'zod';
import { TruedyContractError } from './errors';
import { exchange, type AnswerHead, type HttpRequest } from './http';

export interface ReadOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** For a whole read, in milliseconds. Default 10,000. */
  readonly readLimitMs?: number;
  /** Requests go through a tunnel of this proxy. Absent: directly. */
  readonly proxy?: URL | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Told of every answer to a read before its body is read, whatever it says. */
  readonly onHead?: (head: AnswerHead) => void;
}

const MAX_READ_BYTES = 8 * 1024 * 1024;

/** Reads one path of the API, once. @throws TruedyError */
export type Read = <T>(path: string, schema: z.ZodType<T>) => Promise<T>;

export function createRead(options: ReadOptions): Read {
  const { now = Date.now } = options;
  return async (path, schema) => {
    const request = readRequest(options, path);
    const { json } = await exchange(request, now);
    return asDocumented(request.name, json, schema);
  };
}

export function readRequest(options: ReadOptions, path: string): HttpRequest {
  const { baseUrl, apiKey, readLimitMs = 10_000, proxy, onHead } = options;
  return {
    name: `GET ${path}`,
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
    proxy,
    ...(onHead && { onHead }),
  };
}

/** @throws TruedyContractError that says where the shape is wrong, and never what stands there. */
export function asDocumented<T>(name: string, body: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const where = read.error.issues.map(({ path }) => path.join('.') || 'the body').slice(0, 3);
  throw new TruedyContractError(name, `answered 2xx with a wrong shape at ${where.join(', ')}`);
}
