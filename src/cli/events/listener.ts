import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { deliveryResponse } from '../../webhook/response';
import { bodyOf, MAX_BODY_BYTES, readBody } from '../../webhook/body';
import { createBodyCapacity } from '../../webhook/body-capacity';
import { ownHeaders, shown, type HeaderList, type RawDelivery } from './delivery';
import { saveDelivery } from './saved-delivery';
import { send } from './sender';
import { diagnose, type Diagnosis } from './diagnose/diagnose';

/** Where deliveries go besides being printed. */
export interface PassOn {
  readonly forwardTo?: string;
  /** A folder. */
  readonly save?: string;
}

export interface ListenerOptions extends PassOn {
  readonly path: string;
  readonly secrets: readonly string[];
  /** Aborts requests that are being forwarded. */
  readonly stopped: AbortSignal;
  readonly onReceived: (line: object, text: string) => void;
  readonly onError: (error: Error) => void;
}

const FORWARD_LIMIT_MS = 5_000;
const MAX_BYTES_IN_FLIGHT = 32 * MAX_BODY_BYTES;

/** An app that answers deliveries as the bridge does and forwards each unchanged. It signals no run. */
export function createListener(options: ListenerOptions) {
  const { path, secrets, onReceived, onError } = options;
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: true });
  const room = createBodyCapacity(MAX_BYTES_IN_FLIGHT);
  app.post(path, async (context) => {
    const nowMs = Date.now();
    const body = await readBody(bodyOf(context.env.incoming), room);
    const headers = pairsOf(context.env.incoming.rawHeaders);
    const diagnosis = await diagnose({ headers, body }, secrets, nowMs);
    const receivedAt = new Date(nowMs).toISOString();
    const passedOn =
      typeof body === 'string' ? {} : await passOn({ headers, body, receivedAt }, options);
    const line = { at: receivedAt, ...toLine(diagnosis), ...passedOn };
    onReceived(line, toText(line));
    return deliveryResponse(context, diagnosis.received);
  });
  app.all(path, (context) => context.body(null, 405, { allow: 'POST' }));
  app.notFound((context) => context.body(null, 404));
  app.onError((error, context) => {
    onError(error);
    return context.body(null, 500);
  });
  return app;
}

// --- internal ---

/** Node keeps names and values alternately in one list, in their original order and spelling. */
function pairsOf(rawHeaders: readonly string[]): HeaderList {
  return rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : [],
  );
}

interface PassedOn {
  readonly saved?: string;
  /** The status, or why there was no response. */
  readonly forwarded?: number | string;
}

async function passOn(
  delivery: RawDelivery,
  { save, forwardTo, stopped }: ListenerOptions,
): Promise<PassedOn> {
  const saved = save === undefined ? undefined : saveDelivery(save, delivery);
  const { body } = delivery;
  const headers = ownHeaders(delivery.headers);
  const limit = AbortSignal.timeout(FORWARD_LIMIT_MS);
  const forwarded =
    forwardTo === undefined
      ? undefined
      : await send(forwardTo, { headers, body }, AbortSignal.any([stopped, limit]));
  return { ...(saved !== undefined && { saved }), ...(forwarded !== undefined && { forwarded }) };
}

function toLine({ received, broken, delivery, reference }: Diagnosis) {
  return {
    status: received.status,
    fate: received.fate,
    rule: broken?.rule ?? null,
    problem: broken?.problem ?? null,
    event: shown(delivery?.event),
    deliveryId: shown(delivery?.deliveryId),
    ids: delivery?.ids ?? [],
    workflowId: shown(reference?.workflowId),
    attempt: reference?.attempt ?? null,
  };
}

type Line = ReturnType<typeof toLine> & PassedOn & { readonly at: string };

function toText(line: Line): string {
  const { at, status, fate, rule, problem, event, ids, workflowId, attempt } = line;
  const what =
    event === null
      ? `${rule ?? fate}: ${problem ?? 'the delivery was not checked'}`
      : [event, fate, ...ids, workflowId === null ? 'no reference' : `${workflowId}#${attempt}`];
  const saved = line.saved === undefined ? [] : [`saved ${line.saved}`];
  const forwarded = line.forwarded === undefined ? [] : [`forwarded ${line.forwarded}`];
  return [at, status, what, ...saved, ...forwarded].flat().join('  ');
}
