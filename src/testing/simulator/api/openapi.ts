const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const text = { type: 'string' };
const paged = ['limit', 'offset'].map((name) => ({
  name,
  in: 'query',
  schema: { type: 'integer' },
}));

/** `GET /openapi.json`: describes the endpoints of the simulator as Truedy's pages document them. */
export const API_DESCRIPTION = {
  openapi: '3.1.0',
  info: { title: 'Truedy Public API (simulated)', version: '1.0.0' },
  servers: [{ url: '/api/public/v1' }],
  paths: {
    '/calls': {
      get: { parameters: paged, responses: { 200: json({ type: 'object' }) } },
      post: {
        requestBody: json({ $ref: '#/components/schemas/CallCreate' }),
        responses: { 201: json({ type: 'object' }), 422: json({ type: 'object' }) },
      },
    },
    '/calls/{call_id}': { get: { responses: { 200: json({ type: 'object' }) } } },
    '/agents': { get: { parameters: paged, responses: { 200: json({ type: 'object' }) } } },
  },
  components: {
    schemas: {
      CallCreate: {
        type: 'object',
        required: ['agent_id', 'phone_number'],
        properties: {
          agent_id: text,
          phone_number: text,
          from_number: text,
          variables: { type: 'object' },
          call_settings: { type: 'object' },
        },
      },
    },
  },
};
