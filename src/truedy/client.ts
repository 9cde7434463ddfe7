import type { z } from 'zod';
import { isCallId } from '../call/call-record';
import {
  TruedyContractError,
  TruedyError,
  TruedyNotSentError,
  TruedyResponseError,
} from './errors';
import { exchange, type HttpRequest } from './http';
import { asDocumented, readRequest, type ReadOptions } from './get-json';
import { callAnswerSchema, listAnswerSchema } from './schemas';
import type { TruedyCall } from './truedy-call';

/** The bytes of a request, as frozen; the account's key is added by the client. */
export interface CallRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface TruedyClient {
  /**
   * Sends the one request that rings, once, on a connection of its own. Nothing is repeated or followed.
   *
   * @param replyMs How long the whole answer may take, from the first step of the connection on.
   * @param beforeSend Asked once the connection is established, just before the first byte leaves; `false`
   *   sends nothing.
   * @throws TruedyNotSentError `beforeSend` said no, or failed.
   * @throws TruedyError
   */
  placeCall(
    request: CallRequest,
    replyMs: number,
    beforeSend: () => Promise<boolean>,
  ): Promise<TruedyCall>;
  /** @throws TruedyError */
  readCall(callId: string): Promise<TruedyCall>;
  /**
   * One page of the account's calls, as the vendor orders them, without any filter of the vendor's.
   *
   * @throws TruedyError also where one row is malformed: such a page proves nothing.
   */
  listCalls(page: {
    readonly limit: number;
    readonly offset: number;
  }): Promise<readonly TruedyCall[]>;
}

/** What became of one request, for counts. `find` is a page of the listing. */
export interface Answered {
  readonly kind: 'place' | 'read' | 'find';
  /** The HTTP status; `contract`: 2xx, and not as documented; `network`: no whole answer. */
  readonly status: number | 'contract' | 'network';
}

export interface TruedyClientOptions extends ReadOptions {
  /** Told of every request that was made, once it has ended. */
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
      const read = asDocumented(request.name, json, schema);
      tell({ kind, status });
      return read;
    } catch (error) {
      // What was never sent is no request; anything that is no TruedyError is a bug of ours.
      const isAnswer = error instanceof TruedyError && !(error instanceof TruedyNotSentError);
      if (isAnswer) tell({ kind, status: statusOf(error) });
      throw error;
    }
  }

  function tell(answered: Answered): void {
    try {
      options.onAnswer?.(answered);
    } catch {
      // A count that fails must not change what an answer proves.
    }
  }

  return {
    async placeCall({ headers, body }, replyMs, beforeSend) {
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
      } as const;
      return ask('place', request, callAnswerSchema);
    },

    async readCall(callId) {
      // A path made of an id from elsewhere must not lead anywhere else.
      if (!isCallId(callId)) throw new TruedyContractError('GET /calls/…', 'has no usable id');
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
