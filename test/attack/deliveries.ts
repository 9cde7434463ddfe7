import { randomUUID } from 'node:crypto';
import { sign } from '../../src/truedy/signature';
import { planOf, type DeliveryPlan } from './story';
import { recordOf, referenceOf, type Dial, type Line, type Look } from './vendor';

/** A webhook that the bridge took, or did not. */
export interface Delivered {
  readonly attempt: number;
  readonly id: string;
  /** How the call looks in it; `null` for a nudge. */
  readonly look: Look | null;
  readonly plan: DeliveryPlan;
  readonly atMs: number;
  status: number | null;
}

/** What a delivery says, before it is signed. */
interface Envelope {
  readonly event: string;
  readonly id: string;
  readonly data: object;
}

export interface Bridge {
  readonly url: string;
  readonly secret: string;
}

/** Sends what the story draws for the deliveries of a dialed call, each at its own time. */
export function deliverLater(line: Line, dial: Dial, bridge: Bridge, into: Delivered[]): void {
  for (const plan of planOf(line.story, dial.attempt).deliveries) {
    const momentMs = momentOf(plan, dial);
    // A call that nobody took has no such moment.
    if (momentMs === null) continue;
    const waitMs = Math.max(0, momentMs + plan.delayMs - Date.now());
    setTimeout(() => void deliver(line, dial, plan, bridge, into), waitMs);
  }
}

/** A delivery with our reference for a call to somebody else. */
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

/** `call.failed` from before the carrier had an id: only our reference ties it to the attempt. */
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
    const named = plan.ids === 'own' || plan.ids === 'both' ? { call_id: own } : {};
    const isCarriers = plan.ids !== 'own' && plan.ids !== 'none';
    const metadata = plan.hasReference ? { metadata: reference } : {};
    return { ...named, call: { ...(isCarriers && { callId: carrier }), ...metadata } };
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

/** Sends it as Truedy does: signed, and again where the bridge asks for that. */
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
    const isTaken = answer !== undefined && answer.status !== 503;
    if (isTaken || tries === TRIES) return answer?.status ?? null;
    await new Promise((again) => setTimeout(again, 200 * tries));
  }
}
