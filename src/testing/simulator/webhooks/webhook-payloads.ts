import { randomUUID } from 'node:crypto';

import { readBody } from '../api/call-json';
import type { SimulatedCall } from '../phones/calls';
import { toIso } from '../phones/clock';
import type { DeliveryPlan } from '../script/script';

type Json = Readonly<Record<string, unknown>>;

/** The exact text of one delivery. A copy, and a second try, hold the same bytes. */
export function deliveryText(
  call: SimulatedCall,
  event: string,
  plan: DeliveryPlan,
  nowMs: number,
): string {
  return JSON.stringify(envelope(call, event, plan, nowMs));
}

function envelope(call: SimulatedCall, event: string, plan: DeliveryPlan, nowMs: number): Json {
  const timestamp = toIso(nowMs);
  switch (plan.shape ?? 'W3') {
    case 'W1':
      return { event, timestamp, data: carrierPayload(call, event, plan) };
    case 'W2':
      return { event, timestamp, data: outline(call), id: `evt_${randomUUID()}` };
    case 'W3':
      return {
        event,
        timestamp,
        data: readBody(call, 'guide', { nowMs, echo: plan.echo ?? true }),
      };
    case 'W4':
      // The oldest form known: the carrier's payload, and a time that names no zone.
      return {
        event,
        data: carrierPayload(call, event, plan),
        timestamp: `${timestamp.slice(0, -1)}000`,
      };
  }
}

function outline(call: SimulatedCall): Json {
  const { status } = call;
  return {
    call_id: call.callId,
    status: status === 'ended' ? 'completed' : status.replace('-', '_'),
    agent_id: call.order.agentId,
    duration_seconds: call.durationSeconds,
  };
}

/** What the carrier itself tells: its own ids, and variables only where the plan says so. */
function carrierPayload(call: SimulatedCall, event: string, plan: DeliveryPlan): Json {
  const { order, ending } = call;
  return {
    event,
    call: {
      callId: call.carrierId,
      agent: { agentId: `uv_${order.agentId}` },
      created: toIso(call.createdAtMs),
      joined: call.startedAtMs === null ? null : toIso(call.startedAtMs),
      ended: call.endedAtMs === null ? null : toIso(call.endedAtMs),
      endReason: ending?.endReason ?? null,
      medium: { sip: { outgoing: { to: order.phoneNumber, from: order.fromNumber } } },
      ...(ending?.termination != null && {
        sipDetails: { terminationReason: `SIP_TERMINATION_${ending.termination}` },
      }),
      ...(plan.echo === true && { metadata: order.variables }),
    },
    id: `uv_evt_${randomUUID()}`,
  };
}
