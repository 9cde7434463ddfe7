import { readReference, type Reference } from '../../../call/dial-request';
import { readDelivery, type Delivery } from '../../../truedy/delivery';
import { readClaim } from '../../../truedy/signature';
import { MAX_BODY_BYTES, type Unread } from '../../../webhook/body';
import { createReceiver, type Received } from '../../../webhook/receive';
import { readHeader, type HeaderList } from '../delivery';
import { findBrokenRule, type BrokenRule } from './rules';

/** How the bridge would answer a delivery, and why. */
export interface Diagnosis {
  readonly received: Received;
  /** Of a refused delivery. */
  readonly broken?: BrokenRule;
  /** Of an accepted delivery. */
  readonly delivery?: Delivery;
  /** The run that an accepted delivery names by our reference. */
  readonly reference?: Reference;
}

/**
 * Runs a delivery through the bridge's own checks, as of `nowMs`. Does not contact Temporal: a delivery
 * that identifies its call only by ids counts as accepted.
 */
export async function diagnose(
  { headers, body }: { readonly headers: HeaderList; readonly body: Uint8Array | Unread },
  secrets: readonly string[],
  nowMs: number,
): Promise<Diagnosis> {
  const read = typeof body !== 'string' && body.byteLength > MAX_BODY_BYTES ? 'too_large' : body;
  const bytes = typeof read === 'string' ? new Uint8Array() : read;
  const header = (name: string) => readHeader(headers, name);
  const receive = createReceiver({
    secrets,
    now: () => nowMs,
    correlate: async ({ reference }) => reference?.workflowId ?? '',
    signal: async () => 'taken',
  });
  const received = await receive({ header, readBody: async () => read });
  if (received.status !== 204) {
    const claim = readClaim(header) ?? { timestamp: '', signature: '' };
    const examined = { headers, body: bytes, claim, secrets, nowMs };
    const broken = findBrokenRule(received.fate, examined);
    return { received, ...(broken && { broken }) };
  }
  const delivery = readDelivery(JSON.parse(new TextDecoder().decode(bytes)));
  const reference = readReference(delivery?.reference ?? '');
  return { received, ...(delivery && { delivery }), ...(reference && { reference }) };
}
