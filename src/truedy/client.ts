import type { CallRecord } from '../call/snapshot';
import { TruedyContractError } from './errors';
import { exchange } from './http';
import { asDocumented, createRead, type ReadOptions } from './read';
import { CALL_ID, callAnswerSchema, listAnswerSchema } from './schemas';

/** One call of the vendor's, in our words. */
export interface TruedyCall {
  readonly callId: string;
  /** Further ids the vendor gave for the same call, such as the carrier's. */
  readonly otherIds: readonly string[];
  /** The number dialled, where it is told: `phone_number`, `to_number` or `to`. */
  readonly phoneNumber: string | null;
  /** Our reference, where the vendor echoes it: in `variables`, `context` or `metadata`. */
  readonly reference: string | null;
  /** The raw word for how it ended: `end_reason`, `endReason` or the carrier's termination reason. */
  readonly reason: string | null;
  readonly record: CallRecord;
}

/** The bytes of a request, as frozen; the account's key is added by the client. */
export interface CallRequest {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface TruedyClient {
  /**
   * Sends the one request that rings, once, on a connection of its own. Nothing is repeated or followed.
   *
   * @param replyMs How long the whole answer may take.
   * @throws TruedyError
   */
  placeCall(request: CallRequest, replyMs: number): Promise<TruedyCall>;
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

const MAX_ANSWER_BYTES = 1024 * 1024;

export function createTruedyClient(options: ReadOptions): TruedyClient {
  const { baseUrl, apiKey, now = Date.now } = options;
  const get = createRead(options);

  return {
    async placeCall({ headers, body }, replyMs) {
      const name = 'POST /calls';
      const answer = await exchange(
        {
          name,
          method: 'POST',
          url: new URL(`${baseUrl}/calls`),
          headers: [...headers, ['authorization', `Bearer ${apiKey}`]],
          body,
          limitMs: replyMs,
          maxBytes: MAX_ANSWER_BYTES,
        },
        now,
      );
      return asDocumented(name, answer, callAnswerSchema);
    },

    async readCall(callId) {
      // A path made of an id from elsewhere must not lead anywhere else.
      if (!CALL_ID.test(callId)) throw new TruedyContractError('GET /calls/…', 'has no usable id');
      return get(`/calls/${callId}`, callAnswerSchema);
    },

    async listCalls({ limit, offset }) {
      return get(`/calls?limit=${limit}&offset=${offset}`, listAnswerSchema);
    },
  };
}
