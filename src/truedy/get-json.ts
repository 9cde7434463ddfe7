import type { z } from 'zod';
import { TruedyContractError } from './errors';
import { exchange, type AnswerHead, type HttpRequest } from './http';

export interface ReadOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Deadline of a read, in milliseconds. Default 10,000. */
  readonly readLimitMs?: number;
  /** Requests go through a tunnel of this proxy. Absent: directly. */
  readonly proxy?: URL | undefined;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Called with the status and date of every answer to a read, before its body is read. */
  readonly onHead?: (head: AnswerHead) => void;
}

const MAX_READ_BYTES = 8 * 1024 * 1024;

/** Reads one path of the API, without retries. @throws TruedyError */
export type ReadJson = <T>(path: string, schema: z.ZodType<T>) => Promise<T>;

export function createJsonReader(options: ReadOptions): ReadJson {
  const { now = Date.now } = options;
  return async (path, schema) => {
    const request = readRequest(options, path);
    const { json } = await exchange(request, now);
    return parseAnswer(request.name, json, schema);
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

/** @throws TruedyContractError The message says where the format is wrong, but never quotes the value. */
export function parseAnswer<T>(name: string, body: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const where = read.error.issues
    .map(({ path }) => path.join('.') || 'the body')
    .slice(0, 3)
    .join(', ');
  throw new TruedyContractError(name, `answered 2xx with an unexpected format at ${where}`);
}
