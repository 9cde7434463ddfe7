import { createHash } from 'node:crypto';
import { faultAnswer, jsonAnswer, whole, type Answer, type Reply } from './responses';
import { malformedReply } from './malformed-response';
import type { SimulatedRequest, SimulatedCall } from '../phones/calls';
import { toIso, wait } from '../phones/clock';
import { isWanted, type Deliverer } from '../webhooks/deliver';
import { placedBody } from './call-json';
import type { Dialer } from '../phones/dialer';
import type { Fault } from '../script/faults';
import { serve, type EndpointOptions } from './endpoint';
import { createIdempotency, type Slot } from './idempotency';
import { readCallRequest, referenceIn } from './call-request';
import type { EventName, CallScript } from '../script/script';
import type { PostEntry } from '../request-log';
import { scriptOfVirtualPhone } from '../phones/scenario';
import { scriptFor } from '../settings';
import { untilDisconnected, type SimulatorContext } from './transport';

export interface CreateCallOptions extends EndpointOptions {
  /** The events the account's webhook is subscribed to, unless a script has its own `events`. */
  readonly events: readonly EventName[];
  readonly dialer: Dialer;
  readonly deliverer: Deliverer;
}

/** One valid request, before the dial. */
interface Placement {
  readonly c: SimulatorContext;
  readonly request: SimulatedRequest;
  readonly script: CallScript;
  readonly slot: Slot;
  readonly entry: PostEntry;
  readonly key: string | null;
  readonly bodySha256: string;
}

/** `POST /calls`. */
export function createCallEndpoint(options: CreateCallOptions) {
  const { clock, settings, records } = options;
  const idempotency = createIdempotency(clock);
  const postsTo = new Map<string, number>();
  const postsOf = new Map<string, number>();

  async function createCall(c: SimulatorContext): Promise<Response> {
    const bytes = Buffer.from(await c.req.arrayBuffer());
    const body = bytes.toString('utf8');
    const { authorization = '', ...headers } = c.req.header();
    const at = toIso(clock.now());
    const entry = records.addPost({ at, ref: referenceIn(body), status: null, headers, body });
    const handle = () => answer(c, entry, bytes, authorization);
    return serve(c, options, { kind: 'post' }, handle, entry);
  }

  async function answer(c: SimulatorContext, entry: PostEntry, bytes: Buffer, apiKey: string) {
    const read = readCallRequest(entry.body, clock.now());
    if ('refusal' in read) return whole(read.refusal);

    const { request } = read;
    const script = chooseScript(request);
    const { body, headers } = entry;
    const key = headers['x-idempotency-key'] ?? null;
    const keyed = { apiKey, key, body, headers };
    const slot = idempotency.begin(keyed, settings().idempotency);
    const replayed = await slot.replay;
    if (replayed !== undefined) return whole(replayed);

    const bodySha256 = createHash('sha256').update(bytes).digest('hex');
    const placement: Placement = { c, request, script, slot, entry, key, bodySha256 };
    const isFollowed = c.req.query('redirected') !== undefined;
    if (script.post === undefined || isFollowed) return accept(options, placement);
    entry.fault = script.post.kind;
    return applyFault(options, placement, script.post);
  }

  function chooseScript(request: SimulatedRequest): CallScript {
    const { phoneNumber, reference } = request;
    const script = scriptFor(settings(), scriptOfVirtualPhone(phoneNumber), {
      number: phoneNumber,
      reference,
      earlierToNumber: countUp(postsTo, phoneNumber),
      earlierWithReference: countUp(postsOf, reference ?? ''),
    });
    return { ...script, webhooks: { events: [...options.events], ...script.webhooks } };
  }

  return {
    createCall,
    /** Forgets idempotency keys and counts, as a restart does. */
    clear() {
      idempotency.clear();
      postsTo.clear();
      postsOf.clear();
    },
  };
}

async function accept(options: CreateCallOptions, placement: Placement): Promise<Reply> {
  const { call, answer: placed } = dialAndAnswer(options, placement);
  const early = placement.script.webhooks?.early;
  if (early !== undefined) await untilDelivered(options, call, early);
  return whole(placed);
}

/** Every dial is in the ledger, whatever the response says. */
async function applyFault(
  options: CreateCallOptions,
  placement: Placement,
  fault: Fault,
): Promise<Reply> {
  const { clock } = options;
  switch (fault.kind) {
    case 'cut':
      if (fault.dials) dialAndAnswer(options, placement);
      else placement.slot.drop();
      await wait(clock, fault.afterMs);
      return { kind: 'cut' };
    case 'slow': {
      const reply = await accept(options, placement);
      await wait(clock, fault.afterMs);
      return reply;
    }
    case 'answer':
      placement.slot.drop();
      if (fault.dials) dial(options, placement);
      await wait(clock, fault.afterMs);
      return whole(faultAnswer(fault, clock.now()));
    case 'says_failed': {
      const { call, answer: placed } = dialAndAnswer(options, placement, { saysFailed: true });
      call.saysFailed = !fault.corrected;
      return whole(placed);
    }
    case 'broken':
      return malformedReply(fault.how, dialAndAnswer(options, placement).answer);
    case 'drip':
      return {
        kind: 'drip',
        answer: dialAndAnswer(options, placement).answer,
        everyMs: fault.everyMs,
      };
    case 'dials_twice':
      dial(options, placement);
      return accept(options, placement);
    case 'late':
      await untilDisconnected(placement.c, fault.cutMs, clock);
      clock.schedule(fault.afterMs, () => dialAndAnswer(options, placement));
      return { kind: 'cut' };
    case 'redirect':
      placement.slot.drop();
      return whole({
        status: fault.status,
        headers: { location: `${new URL(placement.c.req.url).pathname}?redirected=1` },
        body: '',
      });
  }
}

function dial(
  { dialer }: CreateCallOptions,
  { request, script, entry, key, bodySha256 }: Placement,
): SimulatedCall {
  return dialer.dial(request, script, { postNo: entry.seq, bodySha256, key });
}

function dialAndAnswer(
  options: CreateCallOptions,
  placement: Placement,
  { saysFailed = false } = {},
) {
  const { clock, settings } = options;
  const call = dial(options, placement);
  const { dialect, echo } = settings();
  const shown = { nowMs: clock.now(), echo, ...(saysFailed && { status: 'failed' }) };
  const placed: Answer = jsonAnswer(201, placedBody(call, dialect.post, shown));
  placement.slot.keep(placed);
  return { call, answer: placed };
}

function untilDelivered(
  { deliverer }: CreateCallOptions,
  call: SimulatedCall,
  event: EventName,
): Promise<void> {
  const isLast = event === 'call.ended' || event === 'call.failed';
  if (!isLast) return deliverer.whenTried(call, event);
  // Only one of the two is sent, and an event that the script drops would resolve immediately.
  const events = (['call.ended', 'call.failed'] as const).filter((last) =>
    isWanted(call.script.webhooks ?? {}, last),
  );
  return Promise.race(events.map((last) => deliverer.whenTried(call, last)));
}

/** @returns The count before. */
function countUp(counts: Map<string, number>, name: string): number {
  const earlier = counts.get(name) ?? 0;
  counts.set(name, earlier + 1);
  return earlier;
}
