import { errorAnswer, jsonAnswer, type Answer } from './responses';
import { isOver, type Calls, type SimulatedCall } from '../phones/calls';
import { toIso, wait, type Clock } from '../phones/clock';
import { readBody, type Shown } from './call-json';
import type { Gate } from './auth-and-limits';
import type { Records } from '../request-log';
import type { Settings } from '../settings';
import { sendReply, type SimulatorContext } from './transport';

export interface ReadOptions {
  readonly clock: Clock;
  readonly settings: () => Settings;
  readonly gate: Gate;
  readonly records: Records;
  readonly calls: Calls;
}

/** `GET /calls/:id`. */
export function createRead({ clock, settings, gate, records, calls }: ReadOptions) {
  return async function read(c: SimulatorContext): Promise<Response> {
    const callId = c.req.param('id') ?? '';
    const request = records.addRequest({ at: toIso(clock.now()), kind: 'read', callId });
    const answer =
      gate.check('read', c.req.header('authorization')) ??
      (await answerFor(calls.find(callId), callId));
    request.status = answer.status;
    return sendReply(c, { kind: 'whole', answer }, clock);
  };

  async function answerFor(call: SimulatedCall | undefined, callId: string): Promise<Answer> {
    if (call === undefined) return notFound();
    const { read = {} } = call.plan;
    await wait(clock, read.slowMs ?? 0);
    const { reads } = call;
    if (reads.failed < (read.fail?.times ?? 0)) {
      reads.failed += 1;
      return errorAnswer(read.fail?.status ?? 500, {}, clock.now());
    }
    const place = reads.total - (read.missing ?? 0);
    reads.total += 1;
    if (place < 0) return notFound();
    const { dialect, echo } = settings();
    const shown: Shown = {
      nowMs: clock.now(),
      echo,
      status: read.says?.[place] ?? firstEnding(call),
      number: read.number,
      twin: callId !== call.callId,
    };
    return jsonAnswer(200, readBody(call, dialect.read, shown));
  }

  function notFound(): Answer {
    return errorAnswer(404, { message: 'Call not found.' }, clock.now());
  }
}

/** The word an ended call tells before it is corrected. */
function firstEnding(call: SimulatedCall): string | undefined {
  const { firstEnding: word, firstEndingReads = 1 } = call.plan.read ?? {};
  if (word === undefined || !isOver(call)) return undefined;
  call.reads.afterEnd += 1;
  return call.reads.afterEnd <= firstEndingReads ? word : undefined;
}
