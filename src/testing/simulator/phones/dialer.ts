import { randomBytes } from 'node:crypto';
import {
  conversationOf,
  UNANSWERED,
  hasEnded,
  type Calls,
  type SimulatedRequest,
  type SimulatedCall,
} from './calls';
import { toIso, type Clock } from './clock';
import type { Dial, Ledger } from './ledger';
import type { EventName, Phone, CallScript } from '../script/script';
import { endingOf, phoneOf, stagesOf, type Ending, type Stage } from './scenario';

/** The request that caused a dial. */
interface DialCause {
  readonly postNo: number;
  readonly bodySha256: string;
  readonly key: string | null;
}

export interface Dialer {
  /** Dials: adds a line to the ledger and a call that then runs by itself. */
  dial(request: SimulatedRequest, script: CallScript, cause: DialCause): SimulatedCall;
  /** Ends a call now. @returns `false` if it had already ended. */
  end(call: SimulatedCall, ending: Ending, durationSeconds: number): boolean;
}

export interface DialerOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly calls: Calls;
  /** Divides the duration of every stage. */
  readonly speed: number;
  readonly onDial: (dial: Dial) => void;
  readonly onEvent: (call: SimulatedCall, event: EventName) => void;
}

const TALK_SECONDS = 42;

export function createDialer(options: DialerOptions): Dialer {
  const { clock, ledger, calls, speed, onDial, onEvent } = options;
  const dialCounts = new Map<string, number>();

  function dial(request: SimulatedRequest, script: CallScript, cause: DialCause): SimulatedCall {
    const phone = phoneOf(script, countDial(request));
    const call = newCall(request, script, clock.now());
    const { reference: ref, phoneNumber: number } = request;
    const at = toIso(clock.now());
    const line = ledger.append({ at, ref, number, ...cause, callId: call.callId });
    onDial(line);
    calls.add(call);
    for (const stage of stagesOf(phone, script.times, speed)) {
      clock.schedule(stage.atMs, () => reach(call, phone, stage));
    }
    return call;
  }

  // A counter per key: searching all earlier calls would make ten thousand calls slow.
  function countDial(request: SimulatedRequest): number {
    const key = `${request.phoneNumber} ${conversationOf(request.reference) ?? ''}`;
    const earlier = dialCounts.get(key) ?? 0;
    dialCounts.set(key, earlier + 1);
    return earlier;
  }

  function reach(call: SimulatedCall, phone: Phone, { status }: Stage): void {
    if (hasEnded(call)) return; // ended by a control request
    switch (status) {
      case 'ringing':
        call.status = 'ringing';
        return onEvent(call, 'call.started');
      case 'in-progress':
        call.status = 'in-progress';
        call.startedAtMs = clock.now();
        return onEvent(call, 'call.joined');
      case 'over': {
        const ending = endingOf(phone, call.script);
        const talkSeconds = ending.talked ? TALK_SECONDS : 0;
        end(call, ending, call.script.durationSeconds ?? talkSeconds);
      }
    }
  }

  function end(call: SimulatedCall, ending: Ending, durationSeconds: number): boolean {
    if (hasEnded(call)) return false;
    call.status = ending.status;
    call.ending = ending;
    call.endedAtMs = clock.now();
    call.durationSeconds = durationSeconds;
    onEvent(call, ending.status === 'failed' ? 'call.failed' : 'call.ended');
    return true;
  }

  return { dial, end };
}

export function newCall(
  request: SimulatedRequest,
  script: CallScript,
  nowMs: number,
): SimulatedCall {
  return {
    callId: `call_${randomId()}`,
    carrierId: `uv_${randomId()}`,
    request,
    script,
    createdAtMs: nowMs,
    status: 'queued',
    saysFailed: false,
    ...UNANSWERED,
    reads: { total: 0, afterEnd: 0, failed: 0 },
  };
}

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';

// 26 characters, as in the vendor's guide.
function randomId(): string {
  return Array.from(randomBytes(26), (byte) => BASE32.charAt(byte % 32)).join('');
}
