import { serve, type EndpointOptions } from './endpoint';
import { errorAnswer, jsonAnswer, whole, type Answer } from './responses';
import { hasEnded, type Calls, type SimulatedCall } from '../phones/calls';
import { wait } from '../phones/clock';
import { readBody, type Shown } from './call-json';
import type { SimulatorContext } from './transport';

/** `GET /calls/:id`. */
export function getCallEndpoint(options: EndpointOptions & { readonly calls: Calls }) {
  const { clock, settings, calls } = options;
  return function getCall(c: SimulatorContext): Promise<Response> {
    const callId = c.req.param('id') ?? '';
    return serve(c, options, { kind: 'read', callId }, async () =>
      whole(await answerFor(calls.find(callId), callId)),
    );
  };

  async function answerFor(call: SimulatedCall | undefined, callId: string): Promise<Answer> {
    if (call === undefined) return notFound();
    const { read = {} } = call.script;
    await wait(clock, read.slowMs ?? 0);
    const { reads } = call;
    if (reads.failed < (read.fail?.times ?? 0)) {
      reads.failed += 1;
      return errorAnswer(read.fail?.status ?? 500, {}, clock.now());
    }
    const index = reads.total - (read.missing ?? 0);
    reads.total += 1;
    if (index < 0) return notFound();
    const { dialect, echo } = settings();
    const shown: Shown = {
      nowMs: clock.now(),
      echo,
      status: read.says?.[index] ?? firstEnding(call),
      number: read.number,
      twin: callId !== call.callId,
    };
    return jsonAnswer(200, readBody(call, dialect.read, shown));
  }

  function notFound(): Answer {
    return errorAnswer(404, { message: 'Call not found.' }, clock.now());
  }
}

/** The status an ended call reports until it is corrected. */
function firstEnding(call: SimulatedCall): string | undefined {
  const { firstEnding: status, firstEndingReads = 1 } = call.script.read ?? {};
  if (status === undefined || !hasEnded(call)) return undefined;
  call.reads.afterEnd += 1;
  return call.reads.afterEnd <= firstEndingReads ? status : undefined;
}
