import { createHash } from 'node:crypto';

import { faultAnswer, jsonAnswer, whole, type Answer, type Reply } from './responses';
import { brokenReply } from './malformed-response';
import type { CallOrder, SimulatedCall } from '../phones/calls';
import { toIso, wait, type Clock } from '../phones/clock';
import { isWanted, type Deliverer } from '../webhooks/deliver';
import { placedBody } from './call-json';
import type { Dialler } from '../phones/dialer';
import type { Fault } from '../script/faults';
import type { Gate } from './auth-and-limits';
import { createIdempotency, type Slot } from './idempotency';
import { readOrder, referenceIn } from './call-request';
import type { EventName, Plan } from '../script/script';
import type { PostEntry, Records } from '../request-log';
import { virtualPlan } from '../phones/scenario';
import { planFor, type Settings } from '../settings';
import { sendReply, untilGone, type SimulatorContext } from './transport';

export interface PlaceOptions {
  /** What the account's webhook is subscribed to; a plan's own `events` count instead. */
  readonly events: readonly EventName[];
  readonly clock: Clock;
  readonly settings: () => Settings;
  readonly gate: Gate;
  readonly records: Records;
  readonly dialler: Dialler;
  readonly deliverer: Deliverer;
}

/** One accepted request on its way to a phone. */
interface Placing {
  readonly c: SimulatorContext;
  readonly order: CallOrder;
  readonly plan: Plan;
  readonly slot: Slot;
  readonly entry: PostEntry;
  readonly bodySha256: string;
}

/** `POST /calls`. */
export function createPlace(options: PlaceOptions) {
  const { clock, settings, gate, records, dialler, deliverer } = options;
  const idempotency = createIdempotency(clock);
  const postsTo = new Map<string, number>();
  const postsOf = new Map<string, number>();

  async function place(c: SimulatorContext): Promise<Response> {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    const body = bytes.toString('utf8');
    const { authorization = '', ...headers } = c.req.header();
    const at = toIso(clock.now());
    const entry = records.addPost({ at, ref: referenceIn(body), status: null, headers, body });
    const request = records.addRequest({ at, kind: 'post' });

    const reply = await answer(c, entry, bytes, authorization);
    if (reply.kind !== 'cut') {
      entry.status = reply.answer.status;
      request.status = reply.answer.status;
    }
    return sendReply(c, reply, clock);
  }

  async function answer(
    c: SimulatorContext,
    entry: PostEntry,
    bytes: Buffer,
    authorization: string,
  ): Promise<Reply> {
    const stopped = gate.check('post', authorization);
    if (stopped !== undefined) return whole(stopped);
    const read = readOrder(entry.body, clock.now());
    if ('refusal' in read) return whole(read.refusal);

    const { order } = read;
    const plan = choosePlan(order);
    const slot = idempotency.begin(
      {
        apiKey: authorization,
        key: entry.headers['x-idempotency-key'] ?? null,
        body: entry.body,
        headers: entry.headers,
      },
      settings().idempotency,
    );
    const replayed = await slot.replay;
    if (replayed !== undefined) return whole(replayed);

    const bodySha256 = createHash('sha256').update(bytes).digest('hex');
    const placing: Placing = { c, order, plan, slot, entry, bodySha256 };
    const isFollowed = c.req.query('redirected') !== undefined;
    if (plan.post === undefined || isFollowed) return accept(placing);
    entry.fault = plan.post.kind;
    return fail(placing, plan.post);
  }

  function choosePlan(order: CallOrder): Plan {
    const { phoneNumber, reference } = order;
    const plan = planFor(settings(), virtualPlan(phoneNumber), {
      number: phoneNumber,
      reference,
      earlierToNumber: countUp(postsTo, phoneNumber),
      earlierWithReference: countUp(postsOf, reference ?? ''),
    });
    return { ...plan, webhooks: { events: [...options.events], ...plan.webhooks } };
  }

  /** Nothing goes wrong. */
  async function accept(placing: Placing): Promise<Reply> {
    const { call, answer: placed } = ring(placing);
    const early = placing.plan.webhooks?.early;
    if (early !== undefined) await untilDelivered(call, early);
    return whole(placed);
  }

  /** Whether the phone rings is the fault's to say; what rings is in the ledger. */
  async function fail(placing: Placing, fault: Fault): Promise<Reply> {
    switch (fault.kind) {
      case 'cut':
        if (fault.dials) ring(placing);
        else placing.slot.drop();
        await wait(clock, fault.afterMs);
        return { kind: 'cut' };
      case 'slow': {
        const reply = await accept(placing);
        await wait(clock, fault.afterMs);
        return reply;
      }
      case 'answer':
        placing.slot.drop();
        if (fault.dials) dial(placing);
        await wait(clock, fault.afterMs);
        return whole(faultAnswer(fault, clock.now()));
      case 'says_failed': {
        const { call, answer: placed } = ring(placing, { saysFailed: true });
        call.saysFailed = !fault.corrected;
        return whole(placed);
      }
      case 'broken':
        return brokenReply(fault.how, ring(placing).answer);
      case 'drip':
        return { kind: 'drip', answer: ring(placing).answer, everyMs: fault.everyMs };
      case 'dials_twice':
        dial(placing);
        return accept(placing);
      case 'late':
        await untilGone(placing.c, fault.cutMs, clock);
        clock.schedule(fault.afterMs, () => ring(placing));
        return { kind: 'cut' };
      case 'redirect':
        placing.slot.drop();
        return whole({
          status: fault.status,
          headers: { location: `${new URL(placing.c.req.url).pathname}?redirected=1` },
          body: '',
        });
    }
  }

  function dial({ order, plan, entry, bodySha256 }: Placing): SimulatedCall {
    const key = entry.headers['x-idempotency-key'] ?? null;
    return dialler.dial(order, plan, { postNo: entry.seq, bodySha256, key });
  }

  function ring(placing: Placing, { saysFailed = false } = {}) {
    const call = dial(placing);
    const { dialect, echo } = settings();
    const shown = { nowMs: clock.now(), echo, ...(saysFailed && { status: 'failed' }) };
    const placed: Answer = jsonAnswer(201, placedBody(call, dialect.post, shown));
    placing.slot.keep(placed);
    return { call, answer: placed };
  }

  function untilDelivered(call: SimulatedCall, event: EventName): Promise<void> {
    const isLast = event === 'call.ended' || event === 'call.failed';
    if (!isLast) return deliverer.whenTried(call, event);
    // One of the two comes; one that the plan drops would count as tried at once.
    const events = (['call.ended', 'call.failed'] as const).filter((last) =>
      isWanted(call.plan.webhooks ?? {}, last),
    );
    return Promise.race(events.map((last) => deliverer.whenTried(call, last)));
  }

  return {
    place,
    /** Forgets keys and counts, as after a restart. */
    clear() {
      idempotency.clear();
      postsTo.clear();
      postsOf.clear();
    },
  };
}

/** @returns How many there were before. */
function countUp(counts: Map<string, number>, name: string): number {
  const earlier = counts.get(name) ?? 0;
  counts.set(name, earlier + 1);
  return earlier;
}
