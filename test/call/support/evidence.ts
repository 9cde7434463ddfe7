import { newAttempt, type Attempt } from '../../../src/call/attempt';
import { markEnded, markPlaced } from '../../../src/call/apply-evidence';
import type { CallEvent } from '../../../src/call/api-types';
import type { CallRecord } from '../../../src/call/call-record';
import { record } from './records';

export const NOW = Date.parse('2026-12-01T10:00:00.000Z');
export const ENDED = record({
  id: 'call_1',
  status: 'ended',
  duration_seconds: 9,
  started_at: 'x',
});

export function event(fields: Partial<CallEvent> = {}): CallEvent {
  return {
    event: 'call.ended',
    ids: ['call_1'],
    receivedAt: '2026-12-01T10:00:00.000Z',
    ...fields,
  };
}

export function seen(call: CallRecord, reason: string | null = null) {
  return { record: call, otherIds: [], reason };
}

export const PLACED = markPlaced(newAttempt(1), { ids: ['call_1'], by: 'response', atMs: NOW });

export const SENT: Attempt = { ...newAttempt(1), sent: true };
export const BY_US = { ids: ['call_1'], by: 'response', atMs: NOW } as const;

export const NOT_DIALED = markEnded(
  SENT,
  { outcome: 'failed', rangPhone: false, learnedBy: 'resolve', reason: 'not in the log' },
  NOW,
);
