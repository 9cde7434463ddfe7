import type { CallRecord } from '../../src/call/call-record';
import type { TruedyClient } from '../../src/truedy/client';
import type { TruedyCall } from '../../src/truedy/truedy-call';
import { TruedyNotSentError, TruedyResponseError } from '../../src/truedy/errors';
import { record } from '../call/support/records';

/** A request to place a call, as the vendor received it. */
export interface Sent {
  readonly reference: string;
  readonly attempt: number;
  readonly number: string;
  readonly atMs: number;
}

/** A vendor that a test scripts, for answers that the simulator does not support. */
export interface ScriptedVendor {
  readonly client: TruedyClient;
  readonly sent: Sent[];
  /** The ids of all reads, in order. */
  readonly reads: string[];
  /** The pages that were listed, in order, with their times. */
  readonly lists: { readonly offset: number; readonly limit: number; readonly atMs: number }[];
  /** Default: a 500, which proves nothing. */
  place: (sent: Sent) => TruedyCall | Error;
  /** Default: 404. */
  read: (callId: string) => TruedyCall | Error;
  /** Default: no call. */
  list: (page: { limit: number; offset: number }) => readonly TruedyCall[] | Error;
}

export const LOST = new TruedyResponseError('POST /calls', 500);
export const NO_CALL = new TruedyResponseError('GET /calls/…', 404);
export const UNREADABLE = new TruedyResponseError('GET /calls/…', 503);

export function scriptVendor(): ScriptedVendor {
  const vendor: ScriptedVendor = {
    sent: [],
    reads: [],
    lists: [],
    place: () => LOST,
    read: () => NO_CALL,
    list: () => [],
    client: {
      placeCall: async ({ body }, _replyMs, beforeSend) => {
        if (!(await beforeSend())) throw new TruedyNotSentError('POST /calls', 'was called off');
        const { phone_number: number, variables } = JSON.parse(body) as {
          phone_number: string;
          variables: { temporal_ref: string };
        };
        const reference = variables.temporal_ref;
        const attempt = Number(/#(\d+)$/.exec(reference)?.[1]);
        const sent = { reference, attempt, number, atMs: Date.now() };
        vendor.sent.push(sent);
        return orThrow(vendor.place(sent));
      },
      readCall: async (callId) => {
        vendor.reads.push(callId);
        return orThrow(vendor.read(callId));
      },
      listCalls: async (page) => {
        vendor.lists.push({ ...page, atMs: Date.now() });
        return orThrow(vendor.list(page));
      },
    },
  };
  return vendor;
}

/** A call as the vendor shows it. */
export function shownCall(
  callId: string,
  fields: Partial<Omit<TruedyCall, 'record'>> & { readonly record?: Partial<CallRecord> } = {},
): TruedyCall {
  return {
    callId,
    otherIds: [],
    phoneNumber: null,
    reference: null,
    reason: null,
    ...fields,
    record: record({ id: callId, status: 'queued', ...fields.record }),
  };
}

function orThrow<T>(answer: T | Error): T {
  if (answer instanceof Error) throw answer;
  return answer;
}
