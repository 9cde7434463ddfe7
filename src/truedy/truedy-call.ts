import type { CallRecord } from '../call/call-record';

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
