import type { CallRecord, CallStatus } from '../call/snapshot';

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
  placeCall(
    request: CallRequest,
    replyMs: number,
  ): Promise<{ readonly callId: string; readonly status: CallStatus | null }>;
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
  close(): Promise<void>;
}
