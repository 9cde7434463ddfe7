import { Agent, request } from 'undici';

import { sign } from '../../../truedy/signature';
import { isOver, type SimulatedCall } from '../phones/calls';
import { toIso, wait, type Clock } from '../phones/clock';
import { deliveryText } from './webhook-payloads';
import { legacyText } from '../../../truedy/python-json';
import type { DeliveryPlan, EventName } from '../script/script';

/** One delivery that was tried. `status` is `null` where no answer came. */
export interface DeliveryEntry {
  readonly at: string;
  readonly callId: string;
  readonly event: string;
  readonly tries: number;
  readonly status: number | null;
}

/** Sends one POST. @returns The status, and how long to wait before the next try, where that was said. */
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
  /** News of a call, delivered as its plan says. */
  notify(call: SimulatedCall, event: EventName): void;
  /** One delivery on demand. */
  deliver(call: SimulatedCall, event: string, plan: DeliveryPlan): Promise<void>;
  /** Until the event was tried once; at once where it never will be. */
  whenTried(call: SimulatedCall, event: EventName): Promise<void>;
  /** Breaks off what is on its way. */
  close(): void;
}

/** The vendor's webhooks: signed, and lost, late, doubled or out of order as the plan says. */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { clock, url, secret, onTry } = options;
  const agent = new Agent();
  const send = options.send ?? sendBy(agent);
  const held = new Map<string, (() => void)[]>();
  const tried = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();

  function notify(call: SimulatedCall, event: EventName): void {
    // Without the carrier's id in its row, the vendor drops the carrier's news.
    if (call.saysFailed) return;
    const plan = call.plan.webhooks ?? {};
    if (!isWanted(plan, event)) return;
    const text = deliveryText(call, event, plan, clock.now());
    const go = () => void deliverText(call, event, plan, text);
    if (plan.reversed !== true) return go();
    const earlier = held.get(call.callId) ?? [];
    held.set(call.callId, [go, ...earlier]);
    if (!isOver(call)) return;
    held.delete(call.callId);
    // Far enough apart that the other side sees the order.
    [go, ...earlier].forEach((next, place) => clock.schedule(place * 50, next));
  }

  async function deliverText(
    call: SimulatedCall,
    event: string,
    plan: DeliveryPlan,
    text: string,
  ): Promise<void> {
    await wait(clock, plan.delayMs ?? 0);
    const copies = Array.from({ length: plan.copies ?? 1 }, () =>
      deliverCopy(call, event, plan, text),
    );
    await Promise.all(copies);
  }

  async function deliverCopy(
    call: SimulatedCall,
    event: string,
    plan: DeliveryPlan,
    text: string,
  ): Promise<void> {
    if (url === undefined) return;
    const mostTries = plan.tries ?? 3;
    for (let tries = 1; ; tries += 1) {
      const { headers, body } = signed(text, plan, secret, clock.now());
      const at = toIso(clock.now());
      const answer = await send(url, headers, body).catch(() => undefined);
      onTry({ at, callId: call.callId, event, tries, status: answer?.status ?? null });
      settle(`${call.callId} ${event}`);
      const isTaken = answer !== undefined && answer.status !== 503;
      if (isTaken || tries >= mostTries) return;
      await wait(clock, retryMs(answer?.retryAfter, tries));
    }
  }

  function settle(news: string): void {
    tried.add(news);
    for (const resolve of waiting.get(news) ?? []) resolve();
    waiting.delete(news);
  }

  return {
    notify,
    deliver: (call, event, plan) =>
      deliverText(call, event, plan, deliveryText(call, event, plan, clock.now())),
    whenTried(call, event) {
      const news = `${call.callId} ${event}`;
      const never = url === undefined || !isWanted(call.plan.webhooks ?? {}, event);
      if (never || tried.has(news)) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(news, [...(waiting.get(news) ?? []), resolve]);
      });
    },
    close() {
      void agent.destroy();
    },
  };
}

/** Whether the plan lets the event through. */
export function isWanted(plan: DeliveryPlan, event: EventName): boolean {
  return plan.events === undefined || plan.events.includes(event);
}

/** The headers and the bytes of one try: each try is stamped anew. */
function signed(text: string, plan: DeliveryPlan, secret: string, nowMs: number) {
  const stampMs = nowMs + (plan.stampOffsetMs ?? 0);
  const timestamp = plan.timestamp === 'iso' ? toIso(stampMs) : String(Math.floor(stampMs / 1_000));
  const family = plan.headers ?? 'X-Truedy';
  const how = plan.sign ?? 'right';
  const signature = sign({
    secret: how === 'wrong_secret' ? `${secret}-of-somebody-else` : secret,
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

/** `Retry-After` in seconds; without it 1 s, doubling. */
function retryMs(retryAfter: string | undefined, tries: number): number {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && seconds >= 0 ? seconds * 1_000 : 1_000 * 2 ** (tries - 1);
}

const ANSWER_MS = 10_000;

function sendBy(dispatcher: Agent): Send {
  return async (url, headers, body) => {
    const answer = await request(url, {
      method: 'POST',
      headers: { ...headers },
      body,
      dispatcher,
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.body.dump();
    const retryAfter = answer.headers['retry-after'];
    return {
      status: answer.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
    };
  };
}
