import { readReference, type Reference } from '../../../call/dial-request';
import { readDelivery, type Delivery } from '../../../truedy/delivery';
import type { Unread } from '../../../webhook/body';
import { MAX_BODY_BYTES } from '../../../webhook/body';
import { createReceiver, type Received } from '../../../webhook/receive';
import type { Broken } from './broken';
import { brokenRule } from './rule';
import { readHeader, type HeaderList } from '../delivery';

/** What the bridge would say of a delivery, and why. */
export interface Judged {
  readonly received: Received;
  /** Of a delivery that is refused. */
  readonly broken?: Broken;
  /** Of one that is taken: what it tells. */
  readonly told?: Delivery;
  /** The run it names by our reference. */
  readonly reference?: Reference;
}

/**
 * Puts a delivery through the bridge's own checks, as of that instant. No Temporal is asked: a delivery
 * that names a run by its ids alone counts as taken.
 */
export async function judge(
  { headers, body }: { readonly headers: HeaderList; readonly body: Uint8Array | Unread },
  secrets: readonly string[],
  nowMs: number,
): Promise<Judged> {
  const read = typeof body !== 'string' && body.byteLength > MAX_BODY_BYTES ? 'too_large' : body;
  const received = await receiverFor(
    secrets,
    nowMs,
  )({
    header: (name) => readHeader(headers, name),
    readBody: async () => read,
  });
  if (received.status !== 204) {
    const broken = brokenRule({ headers, body: read, secrets, nowMs, fate: received.fate });
    return { received, ...(broken && { broken }) };
  }
  const told = typeof read === 'string' ? undefined : readDelivery(JSON.parse(textOf(read)));
  const reference = readReference(told?.reference ?? '');
  return { received, ...(told && { told }), ...(reference && { reference }) };
}

// --- internal ---

function receiverFor(secrets: readonly string[], nowMs: number) {
  return createReceiver({
    secrets,
    now: () => nowMs,
    correlate: async ({ reference }) => readReference(reference ?? '')?.workflowId ?? '',
    signal: async () => 'taken',
  });
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
