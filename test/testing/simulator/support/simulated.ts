import { createSimulator, type SimulatorOptions } from '../../../../src/testing/simulator/app';
import type { Send } from '../../../../src/testing/simulator/webhooks/deliver';
import { createFakeClock } from './fake-clock';

export const NUMBER = '+14155550100';
const HEADERS = { authorization: 'Bearer truedy_test', 'content-type': 'application/json' };

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A simulator without a port, with its own clock. Its deliveries are recorded. */
export function simulated(options: SimulatorOptions & { answers?: readonly number[] } = {}) {
  const clock = createFakeClock();
  const sent: Sent[] = [];
  const send: Send = async (_url, headers, body) => {
    sent.push({ headers, body });
    return { status: options.answers?.[sent.length - 1] ?? 204, retryAfter: '7' };
  };
  const simulator = createSimulator({
    clock,
    send,
    webhookUrl: 'http://bridge.test/webhooks/truedy',
    webhookSecret: 'whsec_test',
    ...options,
  });

  // Each test asserts the content of the responses.
  const json = async (answer: Response | Promise<Response>): Promise<any> => (await answer).json();
  const request = async (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    simulator.app.request(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...HEADERS, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  return {
    simulator,
    clock,
    sent,
    request,
    json,
    post: (body: object = {}, headers?: Record<string, string>) =>
      request(
        '/api/public/v1/calls',
        { agent_id: 'agent_1', phone_number: NUMBER, ...body },
        headers,
      ),
    read: async (callId: string) => request(`/api/public/v1/calls/${callId}`),
    list: async (query = 'limit=100&offset=0') => request(`/api/public/v1/calls?${query}`),
    plan: async (plan: object) => {
      const answer = await request('/_sim/plan', plan);
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    events: () => sent.map(({ body }) => JSON.parse(body).event as string),
  };
}

/** A request body with our reference. */
export function marked(reference: string, phoneNumber = NUMBER) {
  return { phone_number: phoneNumber, variables: { temporal_ref: reference } };
}
