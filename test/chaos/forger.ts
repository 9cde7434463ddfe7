import { randomUUID } from 'node:crypto';
import { sign } from '../../src/truedy/signature';
import { SECRET, type Cluster } from '../faults/support/cluster';
import type { ForgeryKind } from './draw-call';
import type { Subject } from './people';
import { withRetries } from './retries';
import { toReference } from './vendor';

const PATH = '/webhooks/truedy';

/** The expected answers of a bridge. A 503 while Temporal is unavailable and a cut connection are also allowed. */
const ANSWERS: Readonly<Record<Exclude<ForgeryKind, 'genuine_again'>, number>> = {
  wrong_secret: 401,
  stale: 401,
  unsigned: 401,
  other_namespace: 204,
  copied_reference: 204,
  random_ids: 204,
};

/** Sends a forged delivery to a bridge, or a genuine one again. */
export async function forge(subject: Subject, kind: ForgeryKind, origin: string): Promise<void> {
  const { actions, handle, ledger, cluster } = subject;
  if (kind === 'genuine_again') {
    const [dial] = await ledger.dialsOf(toReference(handle.workflowId, 1));
    if (dial !== undefined) await deliverAgain(subject, cluster, dial.callId);
    return;
  }
  await actions.do({ name: `delivery ${kind}` }, async () => {
    const status = await send(origin, kind, subject);
    const isExpected = status === ANSWERS[kind] || status === 503 || status === undefined;
    if (!isExpected) throw new Error(`the bridge answered ${status}`);
  });
}

// --- internal ---

function deliverAgain({ actions }: Subject, cluster: Cluster, callId: string): Promise<void> {
  return actions.do({ name: 'delivery genuine_again' }, () =>
    withRetries(() => cluster.control('deliver', { callId, event: 'call.ended', shape: 'W3' })),
  );
}

async function send(
  origin: string,
  kind: ForgeryKind,
  subject: Subject,
): Promise<number | undefined> {
  const timestamp = String(Math.floor(Date.now() / 1_000) - (kind === 'stale' ? 900 : 0));
  const rawBody = JSON.stringify(bodyOf(kind, subject));
  const secret = kind === 'wrong_secret' ? `${SECRET}-guessed` : SECRET;
  const signature = sign({ secret, timestamp, rawBody });
  try {
    const { status } = await fetch(`${origin}${PATH}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-truedy-timestamp': timestamp,
        ...(kind !== 'unsigned' && { 'x-truedy-signature': signature }),
      },
      body: rawBody,
      signal: AbortSignal.timeout(15_000),
    });
    return status;
  } catch {
    // The bridge was killed during the request.
    return undefined;
  }
}

/** A report about a call that does not exist. If the product believed it, the result would be wrong. */
function bodyOf(kind: ForgeryKind, { handle, number }: Subject): object {
  const own = toReference(handle.workflowId, 1);
  const reference = kind === 'other_namespace' ? own.replace(/^[^/]+/, 'staging') : own;
  const now = new Date().toISOString();
  return {
    event: 'call.ended',
    timestamp: now,
    data: {
      id: `call_${randomUUID().replaceAll('-', '').slice(0, 26)}`,
      status: 'ended',
      outcome: 'answered',
      agent_id: 'agent_1',
      phone_number: kind === 'copied_reference' ? '+14155550198' : number,
      duration_seconds: 77,
      created_at: now,
      started_at: now,
      ended_at: now,
      ...(kind !== 'random_ids' && { variables: { temporal_ref: reference } }),
    },
  };
}
