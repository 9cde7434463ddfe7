import * as fc from 'fast-check';
import { CALL_STATUSES, NOTHING_KNOWN, type CallRecord } from '../../../src/call/call-record';

/** A record with only these fields known. */
export function record(known: Partial<CallRecord> = {}): CallRecord {
  return { ...NOTHING_KNOWN, ...known };
}

const text = fc.option(fc.constantFrom('a', 'b', ''), { nil: null });
const time = fc.option(
  fc.constantFrom('2026-12-01T09:00:00.000Z', '2026-12-01T09:01:00.000Z', 'no time'),
  { nil: null },
);

/** Any report about a call, including reports that contradict each other. */
export const anyRecord: fc.Arbitrary<CallRecord> = fc.record({
  id: text,
  status: fc.option(fc.constantFrom(...CALL_STATUSES), { nil: null }),
  agent_id: text,
  from_number: text,
  duration_seconds: fc.option(fc.constantFrom(0, 1, 42), { nil: null }),
  outcome: fc.option(fc.constantFrom('busy', 'answered', 'no such word'), { nil: null }),
  summary: text,
  transcript: fc.option(fc.oneof(fc.string(), fc.array(fc.string())), { nil: null }),
  recording_url: text,
  created_at: time,
  started_at: time,
  ended_at: time,
});
