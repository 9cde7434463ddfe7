import { serve, type EndpointOptions } from './endpoint';
import { errorAnswer, jsonAnswer, metaAt, whole, type Answer } from './responses';
import { pageOf, paginationOf } from './list-calls';
import type { SimulatorContext } from './transport';

/** The number Truedy picks if a request names none: fictional, and not a virtual phone. */
export const OUTBOUND_NUMBER = '+18005550199';

interface Agent {
  readonly id: string;
  readonly status: 'active' | 'draft';
  readonly numbers: readonly string[];
}

/** The listed agents. A call also accepts every other id except `agent_missing`. */
const AGENTS: readonly Agent[] = [
  { id: 'agent_demo', status: 'active', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_1', status: 'active', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_draft', status: 'draft', numbers: [OUTBOUND_NUMBER] },
  { id: 'agent_nonumber', status: 'active', numbers: [] },
];
const MISSING = 'agent_missing';

/** Why this agent cannot place a call; `undefined` if it can. */
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

/** `GET /agents`. Ignores filters, as the listing of calls does. */
export function listAgentsEndpoint(options: EndpointOptions) {
  const { clock, settings } = options;
  return function listAgents(c: SimulatorContext): Promise<Response> {
    const query = c.req.query();
    return serve(c, options, { kind: 'agents', query }, () => whole(answerFor(query)));
  };

  function answerFor(query: Readonly<Record<string, string>>): Answer {
    const { dialect } = settings();
    const page = pageOf(query, dialect.list);
    if (page === undefined) return errorAnswer(422, { details: { field: 'limit' } }, clock.now());
    return jsonAnswer(200, {
      data: AGENTS.slice(page.offset, page.offset + page.limit).map(toRow),
      pagination: paginationOf(page, AGENTS.length),
      ...(dialect.list === 'data' && { meta: metaAt(clock.now()) }),
    });
  }
}

/** An agent as Truedy's page "List agents" shows it. */
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
