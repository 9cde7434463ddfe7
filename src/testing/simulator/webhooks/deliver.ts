import { Agent, request } from 'undici';
import { sign } from '../../../truedy/signature';
import { hasEnded, type SimulatedCall } from '../phones/calls';
import { toIso, wait, type Clock } from '../phones/clock';
import { deliveryText } from './webhook-payloads';
import { legacyText } from '../../../truedy/python-json';
import type { DeliveryScript, EventName } from '../script/script';

/** One attempt to deliver. `status` is `null` if there was no response. */
export interface DeliveryEntry {
  readonly at: string;
  readonly callId: string;
  readonly event: string;
  readonly tries: number;
  readonly status: number | null;
}

/** Sends one POST. @returns The status, and `Retry-After` if the response has one. */
export type Send = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<{ readonly status: number; readonly retryAfter?: string | undefined }>;

export interface DelivererOptions {
  readonly clock: Clock;
  readonly url: string | undefined;
  readonly secret: string;
  readonly send?: Send;
  readonly onTry: (entry: DeliveryEntry) => void;
}

export interface Deliverer {
  /** Delivers an event of a call as its script says. */
  notify(call: SimulatedCall, event: EventName): void;
  /** Sends one delivery on request. */
  deliver(call: SimulatedCall, event: string, script: DeliveryScript): Promise<void>;
  /** Resolves once the event was tried; immediately if it is never sent. */
  whenTried(call: SimulatedCall, event: EventName): Promise<void>;
  /** Aborts deliveries in progress. */
  close(): void;
}

/** One event of a call. Copies and retries send the same text. */
interface Delivery {
  readonly call: SimulatedCall;
  readonly event: string;
  readonly script: DeliveryScript;
  readonly text: string;
}

/** The vendor's webhooks: signed, and lost, late, doubled or out of order as the script says. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { clock, url, secret, onTry } = options;
  const agent = new Agent();
  const send = options.send ?? sendBy(agent);
  const held = new Map<string, (() => void)[]>();
  const tried = createTriedLog();

  function notify(call: SimulatedCall, event: EventName): void {
    // The vendor's row lacks the carrier's id, so the vendor drops the carrier's events.
    if (call.saysFailed) return;
    const script = call.script.webhooks ?? {};
    if (!isWanted(script, event)) return;
    const text = deliveryText(call, event, script, clock.now());
    const go = () => void deliverAll({ call, event, script, text });
    if (script.reversed !== true) return go();
    const earlier = held.get(call.callId) ?? [];
    held.set(call.callId, [go, ...earlier]);
    if (!hasEnded(call)) return;
    held.delete(call.callId);
    // The gap keeps the receiver from seeing them in another order.
    [go, ...earlier].forEach((next, index) => clock.schedule(index * 50, next));
  }

  async function deliverAll(delivery: Delivery): Promise<void> {
    const { delayMs = 0, copies = 1 } = delivery.script;
    await wait(clock, delayMs);
    await Promise.all(Array.from({ length: copies }, () => deliverCopy(delivery)));
  }

  async function deliverCopy({ call, event, script, text }: Delivery): Promise<void> {
    if (url === undefined) return;
    const maxTries = script.tries ?? 3;
    for (let tries = 1; ; tries += 1) {
      const { headers, body } = signed(text, script, secret, clock.now());
      const at = toIso(clock.now());
      const answer = await send(url, headers, body).catch(() => undefined);
      onTry({ at, callId: call.callId, event, tries, status: answer?.status ?? null });
      tried.add(`${call.callId} ${event}`);
      const isAccepted = answer !== undefined && answer.status !== 503;
      if (isAccepted || tries >= maxTries) return;
      await wait(clock, retryMs(answer?.retryAfter, tries));
    }
  }

  return {
    notify,
    deliver(call, event, script) {
      const text = deliveryText(call, event, script, clock.now());
      return deliverAll({ call, event, script, text });
    },
    whenTried(call, event) {
      const never = url === undefined || !isWanted(call.script.webhooks ?? {}, event);
      return never ? Promise.resolve() : tried.when(`${call.callId} ${event}`);
    },
    close() {
      void agent.destroy();
    },
  };
}

/** Whether the script delivers the event. */
export function isWanted(script: DeliveryScript, event: EventName): boolean {
  return script.events === undefined || script.events.includes(event);
}

/** Which events were tried at least once. */
function createTriedLog() {
  const tried = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  return {
    add(name: string): void {
      tried.add(name);
      for (const resolve of waiting.get(name) ?? []) resolve();
      waiting.delete(name);
    },
    when(name: string): Promise<void> {
      if (tried.has(name)) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve]);
      });
    },
  };
}

/** The headers and bytes of one try. Each try has a new timestamp. */
function signed(text: string, script: DeliveryScript, secret: string, nowMs: number) {
  const stampMs = nowMs + (script.stampOffsetMs ?? 0);
  const timestamp =
    script.timestamp === 'iso' ? toIso(stampMs) : String(Math.floor(stampMs / 1_000));
  const family = script.headers ?? 'X-Truedy';
  const how = script.sign ?? 'right';
  const signature = sign({
    secret: how === 'wrong_secret' ? `${secret}-of-another-endpoint` : secret,
    timestamp,
    rawBody: how === 'legacy' ? legacyText(text) : text,
  });
  return {
    headers: {
      'content-type': 'application/json',
      [`${family}-Timestamp`]: timestamp,
      ...(how !== 'missing' && { [`${family}-Signature`]: signature }),
    },
    body: how === 'tampered' ? text.replace('"event"', '"Event"') : text,
  };
}

/** `Retry-After` in seconds, else 1 s, doubled after each try. */
function retryMs(retryAfter: string | undefined, tries: number): number {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && seconds >= 0 ? seconds * 1_000 : 1_000 * 2 ** (tries - 1);
}

const RESPONSE_LIMIT_MS = 10_000;

function sendBy(dispatcher: Agent): Send {
  return async (url, headers, body) => {
    const answer = await request(url, {
      method: 'POST',
      headers: { ...headers },
      body,
      dispatcher,
      headersTimeout: RESPONSE_LIMIT_MS,
      bodyTimeout: RESPONSE_LIMIT_MS,
      signal: AbortSignal.timeout(RESPONSE_LIMIT_MS),
    });
    await answer.body.dump();
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    };
  };
}
