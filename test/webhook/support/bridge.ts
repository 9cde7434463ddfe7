import type { CallEvent } from '../../../src/call/api-types';
import { sign } from '../../../src/truedy/signature';
import { createWebhookApp, WEBHOOK_PATH, type WebhookAppOptions } from '../../../src/webhook/app';
import type { Received } from '../../../src/webhook/receive';

export const SECRET = 'whsec_test_0123456789abcdef';
const REFERENCE = 'default/call/crm-1#2';
/** The time in all tests, by default. */
export const NOW_MS = Date.parse('2026-03-18T14:32:00.000Z');

/** Seconds since 1970, as in the header. */
export function seconds(atMs: number): string {
  return String(Math.floor(atMs / 1000));
}

/** A usable body about a complete, ended call of ours. `data` changes or adds fields of the call. */
export function ended(data: object = {}): string {
  return JSON.stringify({
    event: 'call.ended',
    timestamp: '2026-03-18T14:32:00.000Z',
    data: {
      id: 'call_1',
      status: 'ended',
      agent_id: 'agent_1',
      duration_seconds: 87,
      variables: { temporal_ref: REFERENCE },
      ...data,
    },
  });
}

/** The headers of a genuine delivery of this body. */
export function headersFor(
  rawBody: string | Uint8Array,
  { timestamp = seconds(NOW_MS) } = {},
): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-truedy-timestamp': timestamp,
    'x-truedy-signature': sign({ secret: SECRET, timestamp, rawBody }),
  };
}

interface Sent {
  readonly workflowId: string;
  readonly event: CallEvent;
}

export type BridgeOptions = Partial<WebhookAppOptions>;

/** The bridge with a list instead of Temporal. */
export function bridge(options: BridgeOptions = {}) {
  const signals: Sent[] = [];
  const received: Received[] = [];
  const asked: unknown[] = [];
  const app = createWebhookApp({
    secrets: [SECRET],
    now: () => NOW_MS,
    correlate: async (delivery) => {
      asked.push(delivery);
      return 'call/crm-1';
    },
    signal: async (workflowId, event) => {
      signals.push({ workflowId, event });
      return 'taken';
    },
    onReceived: (one) => received.push(one),
    health: { isLive: () => true, because: async () => [], lagMs: () => 0 },
    ...options,
  });
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
    Promise.resolve(app.request(WEBHOOK_PATH, { method: 'POST', headers, body }));
  return {
    app,
    signals,
    received,
    /** The correlated deliveries: only genuine ones. */
    asked,
    post,
    /** Posts a genuine delivery of this body. */
    deliver: (body: string | Uint8Array<ArrayBuffer>) => post(body, headersFor(body)),
  };
}
