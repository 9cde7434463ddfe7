import type { CallRecord } from '../call/call-record';

/** A call as Truedy returns it, normalized. */
export interface TruedyCall {
  readonly callId: string;
  /** Other ids of the same call, such as the carrier's. */
  readonly otherIds: readonly string[];
  /** The number dialed: `phone_number`, `to_number` or `to`. */
  readonly phoneNumber: string | null;
  /** Our reference, if Truedy echoes it in `variables`, `context` or `metadata`. */
  readonly reference: string | null;
  /** Why it ended, unmodified: `end_reason`, `endReason` or the carrier's termination reason. */
  readonly reason: string | null;
  readonly record: CallRecord;
}
