import type { z } from 'zod';
import { isCallId } from '../call/call-record';
import {
  TruedyContractError,
  TruedyError,
  TruedyNotSentError,
  TruedyResponseError,
} from './errors';
import { exchange, type HttpRequest } from './http';
import { parseAnswer, readRequest, type ReadOptions } from './get-json';
import { callAnswerSchema, listAnswerSchema } from './schemas';
import type { TruedyCall } from './truedy-call';

/** A frozen request. The client adds the account's API key. */
export interface CallRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface TruedyClient {
  /**
   * Sends the request that dials, once, on a connection of its own. It is never retried and follows no redirect.
   *
   * @param replyMs How long the complete answer may take, including the time to connect.
   * @param beforeSend Called on the established connection, just before the first byte is sent. If it returns
   *   `false`, nothing is sent.
   * @param isInTime Called after that, in the same step as the write of the first byte. If it returns `false`, nothing
   *   is sent.
   * @throws TruedyNotSentError `beforeSend` or `isInTime` returned false, or failed.
   * @throws TruedyError
   */
  placeCall(
    request: CallRequest,
    replyMs: number,
    beforeSend: () => Promise<boolean>,
    isInTime: () => boolean,
  ): Promise<TruedyCall>;
  /** @throws TruedyError */
  readCall(callId: string): Promise<TruedyCall>;
  /**
   * Reads one page of the account's calls, in Truedy's order and without a filter.
   *
   * @throws TruedyError Also if one row is malformed, because such a page proves nothing.
   */
  listCalls(page: {
    readonly limit: number;
    readonly offset: number;
  }): Promise<readonly TruedyCall[]>;
}

/** The result of one request, for metrics. `find` is a page of the listing. */
export interface Answered {
  readonly kind: 'place' | 'read' | 'find';
  /** The HTTP status; `contract`: 2xx, but not as documented; `network`: no complete answer. */
  readonly status: number | 'contract' | 'network';
}

export interface TruedyClientOptions extends ReadOptions {
  /** Called after every request that was sent. */
  readonly onAnswer?: (answered: Answered) => void;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

export function createTruedyClient(options: TruedyClientOptions): TruedyClient {
  const { baseUrl, apiKey, proxy, now = Date.now } = options;

  async function ask<T>(
    kind: Answered['kind'],
    request: HttpRequest,
    schema: z.ZodType<T>,
  ): Promise<T> {
    try {
      const { status, json } = await exchange(request, now);
      const read = parseAnswer(request.name, json, schema);
      report({ kind, status });
      return read;
    } catch (error) {
      // Does not count a request that was never sent, or an error that is a bug of ours.
      const isCounted = error instanceof TruedyError && !(error instanceof TruedyNotSentError);
      if (isCounted) report({ kind, status: statusOf(error) });
      throw error;
    }
  }

  function report(answered: Answered): void {
    try {
      options.onAnswer?.(answered);
    } catch {
      // A failing metric must not change what the answer proves.
    }
  }

  return {
    async placeCall({ headers, body }, replyMs, beforeSend, isInTime) {
      const request = {
        name: 'POST /calls',
        method: 'POST',
        url: new URL(`${baseUrl}/calls`),
        headers: [...headers, ['authorization', `Bearer ${apiKey}`]],
        body,
        limitMs: replyMs,
        maxBytes: MAX_ANSWER_BYTES,
        proxy,
        beforeSend,
        isInTime,
      } as const;
      return ask('place', request, callAnswerSchema);
    },

    async readCall(callId) {
      // An id from outside must not change the path.
      if (!isCallId(callId)) throw new TruedyContractError('GET /calls/…', 'has an invalid id');
      return ask('read', readRequest(options, `/calls/${callId}`), callAnswerSchema);
    },

    async listCalls({ limit, offset }) {
      const path = `/calls?limit=${limit}&offset=${offset}`;
      return ask('find', readRequest(options, path), listAnswerSchema);
    },
  };
}

function statusOf(error: TruedyError): Answered['status'] {
  if (error instanceof TruedyResponseError) return error.status;
  return error instanceof TruedyContractError ? 'contract' : 'network';
}
