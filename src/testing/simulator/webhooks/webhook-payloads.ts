import { randomUUID } from 'node:crypto';
import { readBody } from '../api/call-json';
import type { SimulatedCall } from '../phones/calls';
import { toIso, toIsoOrNull } from '../phones/clock';
import type { DeliveryScript } from '../script/script';

type Json = Readonly<Record<string, unknown>>;

/** The exact text of one delivery. Copies and retries send the same bytes. */
export function deliveryText(
  call: SimulatedCall,
  event: string,
  script: DeliveryScript,
  nowMs: number,
): string {
  return JSON.stringify(envelope(call, event, script, nowMs));
}

function envelope(call: SimulatedCall, event: string, script: DeliveryScript, nowMs: number): Json {
  const timestamp = toIso(nowMs);
  switch (script.shape ?? 'W3') {
    case 'W1':
      return { event, timestamp, data: carrierPayload(call, event, script) };
    case 'W2':
      return { event, timestamp, data: outline(call), id: `evt_${randomUUID()}` };
    case 'W3': {
      const data = readBody(call, 'guide', { nowMs, echo: script.echo ?? true });
      return { event, timestamp, data };
    }
    case 'W4':
      // The oldest known form: the carrier's payload, and a time without a zone.
      return {
        event,
        data: carrierPayload(call, event, script),
        timestamp: `${timestamp.slice(0, -1)}000`,
      };
  }
}

function outline(call: SimulatedCall): Json {
  const { status } = call;
  return {
    call_id: call.callId,
    status: status === 'ended' ? 'completed' : status.replace('-', '_'),
    agent_id: call.request.agentId,
    duration_seconds: call.durationSeconds,
  };
}

/** The carrier's own object: its own ids, and variables only if the script echoes them. */
function carrierPayload(call: SimulatedCall, event: string, script: DeliveryScript): Json {
  const { request, ending } = call;
  return {
    event,
    call: {
      callId: call.carrierId,
      agent: { agentId: `uv_${request.agentId}` },
      created: toIso(call.createdAtMs),
      joined: toIsoOrNull(call.startedAtMs),
      ended: toIsoOrNull(call.endedAtMs),
      endReason: ending?.endReason ?? null,
      medium: { sip: { outgoing: { to: request.phoneNumber, from: request.fromNumber } } },
      ...(ending?.termination != null && {
        sipDetails: { terminationReason: `SIP_TERMINATION_${ending.termination}` },
      }),
      ...(script.echo === true && { metadata: request.variables }),
    },
    id: `uv_evt_${randomUUID()}`,
  };
}
