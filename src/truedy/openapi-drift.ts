import { z } from 'zod';

const named = z.record(z.string(), z.unknown());
const parts = named.catch({}).default({});

const requestSchema = z.object({
  $ref: z.string().optional(),
  required: z.array(z.string()).catch([]).default([]),
  properties: parts,
});
const body = z.object({
  content: z.object({ 'application/json': z.object({ schema: requestSchema }) }),
});
const operation = z.object({
  requestBody: body.optional().catch(undefined),
  responses: parts,
});

/** The parts of an OpenAPI document that are compared with what we send and read. */
export const apiDescription = z.object({
  openapi: z.string(),
  paths: z.record(z.string(), named),
  components: z.object({ schemas: parts }).catch({ schemas: {} }).default({ schemas: {} }),
});
export type ApiDescription = z.infer<typeof apiDescription>;

/** The fields every request contains. If Truedy required another one, it would reject our requests. */
const ALWAYS_SENT: ReadonlySet<string> = new Set(['agent_id', 'phone_number']);
const SENT = ['agent_id', 'phone_number', 'from_number', 'variables', 'call_settings'];
const SUCCESSES = ['200', '201', '2XX'];

/** The differences between Truedy's OpenAPI document and this program. */
export function driftOf(api: ApiDescription): readonly string[] {
  const missing = ['/calls', '/calls/{id}', '/agents']
    .filter((path) => operationAt(api, 'get', path) === undefined)
    .map((path) => `GET ${path} is undocumented`);
  const post = operation.safeParse(operationAt(api, 'post', '/calls'));
  const drift = post.success ? driftOfPost(api, post.data) : ['POST /calls is undocumented'];
  return [...drift, ...missing];
}

// --- internal ---

function driftOfPost(
  { components }: ApiDescription,
  { requestBody, responses }: z.infer<typeof operation>,
): string[] {
  const given = requestBody?.content['application/json'].schema;
  const reference = given?.$ref?.split('/').at(-1);
  const schema =
    reference === undefined
      ? given
      : requestSchema.optional().catch(undefined).parse(components.schemas[reference]);
  const drift = SUCCESSES.some((status) => status in responses)
    ? []
    : ['POST /calls documents neither 200 nor 201'];
  if (schema === undefined) return [...drift, 'POST /calls documents no request body'];
  const demanded = schema.required.filter((field) => !ALWAYS_SENT.has(field));
  const unknown = SENT.filter((field) => !(field in schema.properties));
  return [
    ...drift,
    ...demanded.map((field) => `POST /calls requires ${field}`),
    ...unknown.map((field) => `POST /calls does not accept ${field}`),
  ];
}

/** Finds an operation. Paths may start with `/v1` or not, and their parameters can have any name. */
function operationAt({ paths }: ApiDescription, method: string, path: string): unknown {
  const plain = (text: string) => text.replace(/\{[^}]*\}/g, '{}').replace(/\/$/, '');
  const isMeant = (key: string) =>
    plain(key) === plain(path) || plain(key).endsWith(plain(`/v1${path}`));
  const found = Object.entries(paths).find(
    ([key, operations]) => isMeant(key) && method in operations,
  );
  return found?.[1][method];
}
