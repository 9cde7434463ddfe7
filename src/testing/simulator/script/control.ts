import type { Hono } from 'hono';
import { z } from 'zod';
import type { Calls, SimulatedCall } from '../phones/calls';
import { toIso, toIsoOrNull, type Clock } from '../phones/clock';
import type { Deliverer } from '../webhooks/deliver';
import type { Dialer } from '../phones/dialer';
import type { Ledger } from '../phones/ledger';
import { deliverySchema, scriptRequestSchema } from './script';
import type { Records } from '../request-log';
import { withRequest, type Settings } from '../settings';
import type { SimulatorEnv } from '../api/transport';

export interface ControlOptions {
  readonly clock: Clock;
  readonly calls: Calls;
  readonly ledger: Ledger;
  readonly records: Records;
  readonly dialer: Dialer;
  readonly deliverer: Deliverer;
  readonly settings: () => Settings;
  readonly initial: () => Settings;
  change(next: Settings, isReset: boolean): void;
  refuse(forMs: number): void;
}

const endSchema = z.strictObject({
  status: z.enum(['ended', 'failed', 'cancelled']).default('ended'),
  outcome: z.string().nullable().default(null),
  duration_seconds: z.number().nonnegative().default(0),
  endReason: z.string().nullable().default(null),
});

const refuseSchema = z.strictObject({ forMs: z.number().int().min(1).max(600_000) });

const deliverSchema = z.strictObject({
  callId: z.string(),
  /** Any text: the vendor may send undocumented events. */
  event: z.string().min(1),
  ...deliverySchema.shape,
});

/** The control routes `/_sim/…`, which Truedy does not have. */
export function addControl(app: Hono<SimulatorEnv>, options: ControlOptions): void {
  const { clock, calls, ledger, records, dialer, deliverer } = options;

  app.post('/_sim/plan', async (c) => {
    const { data, error } = scriptRequestSchema.safeParse(await readJson(c.req));
    if (error !== undefined) return c.json(toProblems(error), 400);
    const isReset = data.reset === true;
    const from = isReset ? options.initial() : options.settings();
    options.change(withRequest(from, data, clock.now()), isReset);
    return c.json({ ok: true });
  });

  app.get('/_sim/ledger', (c) =>
    c.json({
      dials: ledger.dials(),
      posts: records.posts,
      reads: records.count('read'),
      lists: records.count('list'),
    }),
  );

  app.get('/_sim/calls', (c) => c.json({ calls: calls.all().map(truthOf) }));

  app.get('/_sim/log', (c) =>
    c.json({ requests: records.requests, deliveries: records.deliveries }),
  );

  app.post('/_sim/calls/:id/end', async (c) => {
    const { data, error } = endSchema.safeParse(await readJson(c.req));
    if (error !== undefined) return c.json(toProblems(error), 400);
    const call = calls.find(c.req.param('id'));
    if (call === undefined) return c.json(problem('id', 'is not a known call'), 404);
    const { status, outcome, endReason, duration_seconds: seconds } = data;
    const talked = seconds > 0;
    const reported = { outcome, endReason, reportedReason: endReason, termination: null };
    if (!dialer.end(call, { status, ...reported, talked }, seconds))
      return c.json(problem('id', 'has already ended'), 409);
    return c.json({ ok: true });
  });

  app.post('/_sim/refuse', async (c) => {
    const { data, error } = refuseSchema.safeParse(await readJson(c.req));
    if (error !== undefined) return c.json(toProblems(error), 400);
    options.refuse(data.forMs);
    return c.json({ ok: true });
  });

  app.post('/_sim/deliver', async (c) => {
    const { data, error } = deliverSchema.safeParse(await readJson(c.req));
    if (error !== undefined) return c.json(toProblems(error), 400);
    const { callId, event, ...script } = data;
    const call = calls.find(callId);
    if (call === undefined) return c.json(problem('callId', 'is not a known call'), 404);
    await deliverer.deliver(call, event, script);
    return c.json({ ok: true });
  });
}

/** What the phone did, whatever the API reports. */
function truthOf({ callId, request, status, createdAtMs, startedAtMs, endedAtMs }: SimulatedCall) {
  return {
    callId,
    ref: request.reference,
    status,
    createdAt: toIso(createdAtMs),
    startedAt: toIsoOrNull(startedAtMs),
    endedAt: toIsoOrNull(endedAtMs),
  };
}

async function readJson(request: { json(): Promise<unknown> }): Promise<unknown> {
  // The schema reports a body that is not JSON.
  return request.json().catch(() => undefined);
}

function toProblems(error: z.ZodError) {
  return {
    faults: error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message })),
  };
}

function problem(path: string, text: string) {
  return { faults: [{ path, problem: text }] };
}
