import { createHash } from 'node:crypto';

/**
 * What a signal is known by to the server, which drops one that its run has seen already: the same for
 * every copy of a delivery, however often it is stamped and signed anew.
 */
export function requestIdOf(delivery: {
  readonly workflowId: string;
  readonly event: string;
  /** The vendor's id of the delivery; without one its bytes stand for it. */
  readonly deliveryId: string | null;
  readonly rawBody: Uint8Array;
}): string {
  const { workflowId, event, deliveryId, rawBody } = delivery;
  return createHash('sha256')
    .update(JSON.stringify([workflowId, event, deliveryId]))
    .update(deliveryId === null ? rawBody : '')
    .digest('hex');
}
