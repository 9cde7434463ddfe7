import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2020';

const FOLDER = join(__dirname, '../../schemas');
/** As RFC 3339 has it. */
const DATE_TIME = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(\.\d+)?(Z|[+-][0-2]\d:[0-5]\d)$/i;

export type SchemaName =
  'outbound-call-input' | 'call-result' | 'call-failure' | 'call-event' | 'call-view';

/**
 * A function that lists what is wrong with a value by a schema of the package.
 *
 * @param isClosed Whether fields that the schema does not list are wrong too. The schemas of what programs receive
 *   allow them, but our own values must not have any.
 */
export function schemaProblems(name: SchemaName, isClosed = true): (value: unknown) => string[] {
  const text = readFileSync(join(FOLDER, `${name}.json`), 'utf8');
  const schema: unknown = JSON.parse(text, (_, value) => (isClosed ? closed(value) : value));
  const ajv = new Ajv({ allErrors: true, strict: true, formats: { 'date-time': DATE_TIME } });
  const validate = ajv.compile(schema as object);
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

function closed(value: any): unknown {
  const isObject = value?.type === 'object' && value.properties !== undefined;
  return isObject ? { additionalProperties: false, ...value } : value;
}
