import { randomBytes } from 'node:crypto';

import { conversationOf, isOver, type Calls, type CallOrder, type SimulatedCall } from './calls';
import { toIso, type Clock } from './clock';
import type { Dial, Ledger } from './ledger';
import type { EventName, Phone, Plan } from '../script/script';
import { endingOf, phoneOf, stagesOf, type Ending, type Stage } from './scenario';

/** The request a dial goes back to. */
interface DialCause {
  readonly postNo: number;
  readonly bodySha256: string;
  readonly key: string | null;
}

export interface Dialler {
  /** Makes a phone ring: one line in the ledger, one call that lives on its own from here. */
  dial(order: CallOrder, plan: Plan, cause: DialCause): SimulatedCall;
  /** Ends a call now. @returns `false` where it is over already. */
  end(call: SimulatedCall, ending: Ending, durationSeconds: number): boolean;
}

export interface DiallerOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly calls: Calls;
  /** Divides the times of every stage. */
  readonly speed: number;
  readonly onDial: (dial: Dial) => void;
  readonly onNews: (call: SimulatedCall, event: EventName) => void;
}

const TALK_SECONDS = 42;

export function createDialler(options: DiallerOptions): Dialler {
  const { clock, ledger, calls, speed, onDial, onNews } = options;
  const dialCounts = new Map<string, number>();

  function dial(order: CallOrder, plan: Plan, cause: DialCause): SimulatedCall {
    const phone = phoneOf(plan, countDial(order));
    const call = newCall(order, plan, clock.now());
    const line = ledger.append({
      at: toIso(clock.now()),
      ref: order.reference,
      number: order.phoneNumber,
      postNo: cause.postNo,
      bodySha256: cause.bodySha256,
      key: cause.key,
      callId: call.callId,
    });
    onDial(line);
    calls.add(call);
    for (const stage of stagesOf(phone, plan.times, speed)) {
      clock.schedule(stage.atMs, () => reach(call, phone, stage));
    }
    return call;
  }

  // Counted as they come: a run of ten thousand calls must not search ten thousand calls.
  function countDial(order: CallOrder): number {
    const key = `${order.phoneNumber} ${conversationOf(order.reference) ?? ''}`;
    const earlier = dialCounts.get(key) ?? 0;
    dialCounts.set(key, earlier + 1);
    return earlier;
  }

  function reach(call: SimulatedCall, phone: Phone, { status }: Stage): void {
    if (isOver(call)) return; // ended by hand
    switch (status) {
      case 'ringing':
        call.status = 'ringing';
        return onNews(call, 'call.started');
      case 'in-progress':
        call.status = 'in-progress';
        call.startedAtMs = clock.now();
        return onNews(call, 'call.joined');
      case 'over': {
        const ending = endingOf(phone, call.plan);
        const talkSeconds = ending.talked ? TALK_SECONDS : 0;
        end(call, ending, call.plan.durationSeconds ?? talkSeconds);
      }
    }
  }

  function end(call: SimulatedCall, ending: Ending, durationSeconds: number): boolean {
    if (isOver(call)) return false;
    call.status = ending.status;
    call.ending = ending;
    call.endedAtMs = clock.now();
    call.durationSeconds = durationSeconds;
    onNews(call, ending.status === 'failed' ? 'call.failed' : 'call.ended');
    return true;
  }

  return { dial, end };
}

/** A call nobody has answered yet. */
export function newCall(order: CallOrder, plan: Plan, nowMs: number): SimulatedCall {
  return {
    callId: `call_${randomId()}`,
    carrierId: `uv_${randomId()}`,
    order,
    plan,
    createdAtMs: nowMs,
    status: 'queued',
    saysFailed: false,
    startedAtMs: null,
    endedAtMs: null,
    durationSeconds: null,
    ending: null,
    reads: { total: 0, afterEnd: 0, failed: 0 },
  };
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

// 26 characters, as in the vendor's guide.
function randomId(): string {
  return Array.from(randomBytes(26), (byte) => BASE32.charAt(byte % 32)).join('');
}
