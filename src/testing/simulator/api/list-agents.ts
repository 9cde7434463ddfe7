import { errorAnswer, jsonAnswer, toRequestId, type Answer } from './responses';
import { toIso, type Clock } from '../phones/clock';
import type { Gate } from './auth-and-limits';
import { pageOf } from './list-calls';
import type { Records } from '../request-log';
import type { Settings } from '../settings';
import { sendReply, type SimulatorContext } from './transport';

/** The number the vendor picks where a request names none: kept for fiction, and no virtual phone. */
export const OUTBOUND_NUMBER = '+18005550199';

interface Agent {
  readonly id: string;
  readonly status: 'active' | 'draft';
  readonly numbers: readonly string[];
}

/** The agents that are listed. To a call, every id but the missing one is an agent, as good as the first. */
const AGENTS: readonly Agent[] = [
  { id: 'agent_demo', status: 'active', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_1', status: 'active', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_draft', status: 'draft', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_nonumber', status: 'active', numbers: [] },
];
const MISSING = 'agent_missing';

/** Why no call can be placed by this agent; `undefined` where one can. */
export function agentRefusal(id: string, nowMs: number): Answer | undefined {
  if (id === MISSING) {
    return errorAnswer(404, { code: 'agent_not_found', message: 'Agent not found.' }, nowMs);
  }
  const agent = AGENTS.find((one) => one.id === id);
  if (agent === undefined) return undefined;
  if (agent.status !== 'active') {
    return errorAnswer(422, { code: 'agent_not_active', message: 'Agent is not active.' }, nowMs);
  }
  const message = 'No outbound phone number is assigned to the agent.';
  return agent.numbers.length === 0
    ? errorAnswer(422, { code: 'no_phone_number_configured', message }, nowMs)
    : undefined;
}

/** `GET /agents`: filters are ignored, as in the listing of calls. */
export function createAgents(options: {
  readonly clock: Clock;
  readonly settings: () => Settings;
  readonly gate: Gate;
  readonly records: Records;
}) {
  const { clock, settings, gate, records } = options;
  return async function agents(c: SimulatorContext): Promise<Response> {
    const query = c.req.query();
    const request = records.addRequest({ at: toIso(clock.now()), kind: 'agents', query });
    const answer = gate.check('agents', c.req.header('authorization')) ?? answerFor(query);
    request.status = answer.status;
    return sendReply(c, { kind: 'whole', answer }, clock);
  };

  function answerFor(query: Readonly<Record<string, string>>): Answer {
    const { dialect } = settings();
    const page = pageOf(query, dialect.list);
    if (page === undefined) return errorAnswer(422, { details: { field: 'limit' } }, clock.now());
    const { limit, offset } = page;
    const total = AGENTS.length;
    return jsonAnswer(200, {
      data: AGENTS.slice(offset, offset + limit).map(toRow),
      pagination: { total, limit, offset, has_more: offset + limit < total },
      ...(dialect.list === 'data' && {
        meta: { request_id: toRequestId(), ts: toIso(clock.now()) },
      }),
    });
  }
}

/** As the vendor's page "List agents" prints one. */
function toRow({ id, status, numbers }: Agent) {
  const since = '2026-03-01T09:00:00.000Z';
  return {
    id,
    name: `The simulator's ${id}`,
    status,
    voice_id: 'voice_1',
    system_prompt: 'You are a simulated agent.',
    model: 'simulated',
    inbound_phone_numbers: [],
    outbound_phone_numbers: numbers.map((phone_number) => ({ id: 'num_1', phone_number })),
    created_at: since,
    updated_at: since,
  };
}
