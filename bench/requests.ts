import { request } from 'undici';

/** The body of `POST /calls`. */
export interface Call {
  readonly agent_id: string;
  readonly phone_number: string;
}

/** How a call ended. */
export interface Ended {
  readonly status: string;
  readonly endedAt: string | null;
}

/** The two requests of the implementations to compare with. */
export interface Requests {
  place(call: Call, workflowId: string): Promise<string>;
  read(id: string): Promise<Ended>;
}

export function createRequests(baseUrl: string, apiKey: string): Requests {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  return {
    async place(call, workflowId) {
      const body = JSON.stringify({ ...call, variables: { workflow_id: workflowId } });
      const answer = await request(`${baseUrl}/calls`, { method: 'POST', headers, body });
      const { id } = fieldsOf(await answer.body.json());
      if (typeof id !== 'string') throw new Error(`POST /calls was answered ${answer.statusCode}`);
      return id;
    },
    async read(id) {
      const answer = await request(`${baseUrl}/calls/${id}`, { headers });
      return endedIn(await answer.body.json());
    },
  };
}

/** How the call in an answer or a delivery ended. */
export function endedIn(json: unknown): Ended {
  const { status, ended_at: endedAt } = fieldsOf(json);
  return {
    status: typeof status === 'string' ? status : 'unknown',
    endedAt: typeof endedAt === 'string' ? endedAt : null,
  };
}

/** The fields of an object, or of its `data`. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(json)) return {};
  return isObject(json['data']) ? json['data'] : json;
}

// --- internal ---

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
