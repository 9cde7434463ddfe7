import { Agent, request } from 'undici';
import { sign } from '../src/truedy/signature';
import { SECRET, type Bridge } from './contenders';
import { cpuMs } from './cpu';
import { waitingId } from './open-calls';

/** Requests in progress at the same time. */
const AT_ONCE = 16;

/** What requests to a bridge cost, and how many of them it answers in a second. */
export interface Answered {
  readonly perSecond: number;
  /** Of the bridge alone, for each request. */
  readonly bridgeMs: number;
}

/** Sends deliveries about the `open` calls that wait, signed as Truedy signs them. Each becomes a signal. */
export function deliver(bridge: Bridge, open: number, count: number): Promise<Answered> {
  return ask(bridge, { count, expected: 204 }, (index) => {
    return signed(bodyOf(waitingId(1 + (index % open)), index));
  });
}

/** Sends deliveries without a signature. */
export function deliverUnsigned(bridge: Bridge, count: number): Promise<Answered> {
  return ask(bridge, { count, expected: 401 }, (index) => ({
    body: bodyOf(waitingId(1), index),
    headers: {},
  }));
}

/** Delivers the end of each call, once. */
export function deliverEnds(bridge: Bridge, dials: readonly Dial[]): Promise<Answered> {
  return ask(bridge, { count: dials.length, expected: 204 }, (index) => {
    const dial = dials[index - 1];
    return signed(dial === undefined ? '' : endOf(dial));
  });
}

/** A call that Truedy has placed. */
export interface Dial {
  readonly reference: string;
  readonly callId: string;
  readonly phoneNumber: string;
}

// --- internal ---

interface Delivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask(
  { url, pid }: Bridge,
  { count, expected }: { readonly count: number; readonly expected: number },
  toDelivery: (index: number) => Delivery,
): Promise<Answered> {
  const dispatcher = new Agent({ connections: AT_ONCE });
  const [startedMs, before] = [performance.now(), cpuMs(pid)];
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < count) {
      const { body, headers } = toDelivery((next += 1));
      const answer = await request(url, {
        method: 'POST',
        dispatcher,
        headers: { 'content-type': 'application/json', ...headers },
        body,
      });
      await answer.body.dump();
      if (answer.statusCode !== expected) throw new Error(`The bridge said ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  const tookMs = performance.now() - startedMs;
  await dispatcher.close();
  return { perSecond: (count * 1_000) / tookMs, bridgeMs: (cpuMs(pid) - before) / count };
}

/** About an attempt that the run has not begun. The run ignores it, so that every delivery costs the same. */
function bodyOf(workflowId: string, index: number): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    event: 'call.started',
    timestamp: now,
    data: {
      id: `call_${String(index).padStart(26, '0')}`,
      status: 'in_progress',
      agent_id: 'agent_1',
      phone_number: '+14155550000',
      created_at: now,
      variables: { temporal_ref: `default/${workflowId}#9` },
    },
  });
}

/** A complete report of the end of a call. */
function endOf({ reference, callId, phoneNumber }: Dial): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    event: 'call.ended',
    timestamp: now,
    data: {
      id: callId,
      status: 'ended',
      outcome: 'answered',
      agent_id: 'agent_1',
      phone_number: phoneNumber,
      duration_seconds: 42,
      created_at: now,
      started_at: now,
      ended_at: now,
      variables: { temporal_ref: reference },
    },
  });
}

function signed(rawBody: string): Delivery {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signature = sign({ secret: SECRET, timestamp, rawBody });
  return {
    body: rawBody,
    headers: { 'x-truedy-timestamp': timestamp, 'x-truedy-signature': signature },
  };
}
