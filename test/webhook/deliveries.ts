import { sign } from '../../src/truedy/signature';

export const SECRET = 'whsec_test_0123456789abcdef';
export const OLD_SECRET = 'whsec_older_0123456789abcdef';
export const NOW = Date.parse('2026-12-01T09:00:00.000Z');
export const REFERENCE = 'default/call/order-1#1';

/** The envelope in Truedy's guide: the complete call as `data`. */
export function ended(more: object = {}): object {
  return {
    event: 'call.ended',
    timestamp: '2026-12-01T09:00:00.000Z',
    data: {
      id: 'call_01',
      status: 'ended',
      agent_id: 'agent_1',
      phone_number: '+14155550101',
      duration_seconds: 42,
      outcome: 'answered',
      ended_at: '2026-12-01T08:59:59.000Z',
      variables: { first_name: 'Sarah', temporal_ref: REFERENCE },
      ...more,
    },
  };
}

/** The headers of a valid delivery. */
export function headersFor(
  rawBody: string | Uint8Array,
  { secret = SECRET, timestamp = String(NOW / 1000), family = 'X-Truedy' } = {},
): Record<string, string> {
  return {
    'content-type': 'application/json',
    [`${family}-Timestamp`]: timestamp,
    [`${family}-Signature`]: sign({ secret, timestamp, rawBody }),
  };
}
