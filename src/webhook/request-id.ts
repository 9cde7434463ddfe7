import { createHash } from 'node:crypto';

/**
 * The request id of a signal. Temporal drops a signal whose request id its run has already seen, so this id is the
 * same for every copy of a delivery, however often it is timestamped and signed again.
 */
export function requestIdOf(delivery: {
  readonly workflowId: string;
  readonly event: string;
  /** Truedy's id of the delivery. Without one, its bytes identify it. */
  readonly deliveryId: string | null;
  readonly rawBody: Uint8Array;
}): string {
  const { workflowId, event, deliveryId, rawBody } = delivery;
  return createHash('sha256')
    .update(JSON.stringify([workflowId, event, deliveryId]))
    .update(deliveryId === null ? rawBody : '')
    .digest('hex');
}
