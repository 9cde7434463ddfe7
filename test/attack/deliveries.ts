import { randomUUID } from 'node:crypto';
import { sign } from '../../src/truedy/signature';
import { planOf, type DeliveryPlan } from './story';
import { recordOf, referenceOf, type Dial, type Line, type Look } from './vendor';

/** A webhook that was sent to the bridge. */
export interface Delivered {
  readonly attempt: number;
  readonly id: string;
  /** The state of the call in it. `null` for a nudge. */
  readonly look: Look | null;
  readonly plan: DeliveryPlan;
  readonly atMs: number;
  status: number | null;
}

/** The content of a delivery before it is signed. */
interface Envelope {
  readonly event: string;
  readonly id: string;
  readonly data: object;
}

export interface Bridge {
  readonly url: string;
  readonly secret: string;
}

/** Sends the deliveries that the story plans for a dialed call, each at its own time. */
export function deliverLater(line: Line, dial: Dial, bridge: Bridge, into: Delivered[]): void {
  for (const plan of planOf(line.story, dial.attempt).deliveries) {
    const momentMs = momentOf(plan, dial);
    // An unanswered call has no `join` moment.
    if (momentMs === null) continue;
    const waitMs = Math.max(0, momentMs + plan.delayMs - Date.now());
    setTimeout(() => void deliver(line, dial, plan, bridge, into), waitMs);
  }
}

/** Sends a delivery with our reference for a call to another person. */
export function deliverCopy(line: Line, attempt: number, bridge: Bridge): Promise<number | null> {
  return post(bridge, {
    event: 'call.ended',
    id: `evt_${randomUUID()}`,
    data: {
      id: line.foreignCallId,
      agent_id: 'agent_1',
      phone_number: '+14155550198',
      variables: { temporal_ref: referenceOf(line, attempt) },
      ...recordOf('talk', {
        atMs: Date.now(),
        joinedMs: Date.now(),
        endedMs: Date.now(),
        failsBy: 'status',
      }),
    },
  });
}

/** Sends a `call.failed` without ids: only our reference identifies the attempt. */
export function deliverWithoutIds(line: Line, attempt: number, bridge: Bridge) {
  const call = { metadata: { temporal_ref: referenceOf(line, attempt) } };
  const id = `evt_${randomUUID()}`;
  return post(bridge, { event: 'call.failed', id, data: { call } });
}

// --- internal ---

async function deliver(
  line: Line,
  dial: Dial,
  plan: DeliveryPlan,
  bridge: Bridge,
  into: Delivered[],
): Promise<void> {
  const id = `evt_${randomUUID()}`;
  const look = lookIn(plan, dial);
  const delivered: Delivered = {
    attempt: dial.attempt,
    id,
    look,
    plan,
    atMs: Date.now(),
    status: null,
  };
  into.push(delivered);
  const envelope = { event: eventOf(plan, look), id, data: dataOf(line, dial, plan, look) };
  const copies = Array.from({ length: plan.copies }, () => post(bridge, envelope));
  const answers = await Promise.all(copies);
  delivered.status = answers.find((status) => status === 204) ?? answers[0] ?? null;
}

function momentOf({ moment }: DeliveryPlan, dial: Dial): number | null {
  if (moment === 'join') return dial.joinedMs;
  return moment === 'dial' ? dial.atMs : dial.endedMs;
}

function lookIn({ moment, says }: DeliveryPlan, dial: Dial): Look | null {
  if (moment === 'join') return 'in_progress';
  if (moment === 'dial') return 'ringing';
  if (says === 'nudge') return null;
  return says === 'contradiction' ? 'talk' : dial.end;
}

function eventOf({ moment }: DeliveryPlan, look: Look | null): string {
  if (moment === 'join') return 'call.joined';
  if (moment === 'dial') return 'call.started';
  return look === 'failed' ? 'call.failed' : 'call.ended';
}

function dataOf(line: Line, dial: Dial, plan: DeliveryPlan, look: Look | null): object {
  const { own, carrier } = dial.ids;
  const reference = { temporal_ref: referenceOf(line, dial.attempt) };
  const variables = plan.hasReference ? { variables: reference } : {};
  const isFull = plan.moment === 'end' && look !== null;
  if (!isFull) {
    const ownId = plan.ids === 'own' || plan.ids === 'both' ? { call_id: own } : {};
    const hasCarrierId = plan.ids !== 'own' && plan.ids !== 'none';
    const metadata = plan.hasReference ? { metadata: reference } : {};
    return { ...ownId, call: { ...(hasCarrierId && { callId: carrier }), ...metadata } };
  }
  return {
    ...(plan.ids === 'own' || plan.ids === 'both' ? { id: own } : {}),
    ...(plan.ids === 'carrier as own' && { id: carrier }),
    ...((plan.ids === 'carrier' || plan.ids === 'both') && { ultravox_call_id: carrier }),
    agent_id: 'agent_1',
    ...(plan.hasNumber && { phone_number: line.number }),
    ...variables,
    ...recordOf(look, dial),
  };
}

const TRIES = 3;

/** Sends the delivery as Truedy does: signed, and again after a 503. */
async function post({ url, secret }: Bridge, envelope: Envelope): Promise<number | null> {
  const rawBody = JSON.stringify({ ...envelope, timestamp: new Date().toISOString() });
  for (let tries = 1; ; tries += 1) {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-truedy-timestamp': timestamp,
        'x-truedy-signature': sign({ secret, timestamp, rawBody }),
      },
      body: rawBody,
    }).catch(() => undefined);
    await answer?.arrayBuffer();
    const isFinal = answer !== undefined && answer.status !== 503;
    if (isFinal || tries === TRIES) return answer?.status ?? null;
    await new Promise((done) => setTimeout(done, 200 * tries));
  }
}
