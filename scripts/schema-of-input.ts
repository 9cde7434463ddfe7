import { z } from 'zod';
import { inputSchema } from '../src/activities/input-schema';

/** The part of JSON Schema that our schemas use. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

/** The zod schema as JSON Schema 2020-12. Rules written as code are not in it. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    // A rule written as code.
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema;
}

/**
 * The JSON Schema of an input: what zod knows, and by the path of each field what it does not: descriptions, defaults,
 * and bounds that are code. `test/schemas.test.ts` compares it with what the worker accepts.
 *
 * @throws Error if a field has no entry, or an entry no field.
 */
export function inputJsonSchema(): JsonSchema {
  const unused = new Set(Object.keys(FIELDS));
  const annotate = (schema: JsonSchema, path: string): JsonSchema => {
    const field = FIELDS[path];
    if (field === undefined) throw new Error(`${path} has no description`);
    unused.delete(path);
    const properties = Object.entries(schema.properties ?? {}).map(([name, child]) => [
      name,
      annotate(child, path === 'input' ? name : `${path}.${name}`),
    ]);
    const annotated = { ...schema, ...field };
    if (properties.length === 0) return annotated;
    return { ...annotated, properties: Object.fromEntries(properties) };
  };
  const schema = annotate(toJsonSchema(inputSchema), 'input');
  if (unused.size > 0) throw new Error(`${[...unused].join(', ')} are no fields`);
  return schema;
}

// --- internal ---

const INSTANT =
  '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$';
/** No space at either end. */
const NAME = '^\\S(.*\\S)?$';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

const truedySeconds = { pattern: `^(${wholeNumbers(1, 86_400)})s$` };
const redialDelays = (outcome: string) => ({
  description: `Delays before each redial after \`${outcome}\`, 1m to 30d each. The last one repeats.`,
  items: { type: 'string', pattern: duration(60, 30 * 86_400) },
  examples: [['30m', '2h']],
});

/** Descriptions and keywords by the path of the field. */
const FIELDS: Readonly<Record<string, JsonSchema>> = {
  input: {
    title: 'OutboundCallInput',
    description:
      'The input of the workflow OutboundCallWorkflow. The worker checks more than a schema can: that a time zone or a ' +
      'day exists, that `to` is after `from` and `expiresAt` after `notBefore`, that `redial.after` names an outcome ' +
      'if `maxAttempts` is over 1, that names have no hidden characters, and that `call` has at most 64 KiB.',
    examples: [{ call: { agent_id: 'agent_01h', phone_number: '+14155550101' } }],
  },
  call: {
    title: 'CallBody',
    description: 'Sent to Truedy unchanged, as the body of `POST /calls`. At most 64 KiB.',
  },
  'call.agent_id': {
    description: 'The Truedy agent that makes the call. At most 255 bytes.',
    maxLength: 255,
    pattern: NAME,
  },
  'call.phone_number': {
    description: 'The number to call, in E.164. It is never corrected.',
    examples: ['+14155550101'],
  },
  'call.variables': {
    description: 'What the agent knows about the person. `temporal_ref` is reserved.',
    type: 'object',
    propertyNames: { not: { enum: ['temporal_ref', '__proto__'] } },
    additionalProperties: { type: 'string' },
    examples: [{ first_name: 'Sarah' }],
  },
  'call.from_number': {
    description: "The number to call from, in E.164. Default: the agent's.",
    examples: ['+14155550199'],
  },
  'call.call_settings': { title: 'CallSettings', description: "Truedy's settings of the call." },
  'call.call_settings.recording_enabled': { description: 'Whether Truedy records the call.' },
  'call.call_settings.transcription_enabled': { description: 'Whether Truedy transcribes it.' },
  'call.call_settings.greeting': { description: "The agent's first sentence." },
  'call.call_settings.max_duration': {
    description: 'After which Truedy ends the call, 1s to 86400s, in seconds.',
    examples: ['1800s'],
    ...truedySeconds,
  },
  'call.call_settings.join_timeout': {
    description: 'How long the phone may ring, 1s to 86400s, in seconds.',
    examples: ['30s'],
    ...truedySeconds,
  },
  completion: { title: 'Completion', description: 'How the end of the call is detected.' },
  'completion.mode': {
    description: 'By webhooks with polling as a fallback, or by polling alone.',
    default: 'webhook',
  },
  'completion.grace': {
    description: 'How long after the last webhook event polling begins, 0s to 1h.',
    default: '5m',
    pattern: duration(0, 3_600),
  },
  'completion.pollEvery': {
    description: 'The interval between reads, 5s to 1h.',
    default: '30s',
    pattern: duration(5, 3_600),
  },
  'completion.artifacts': {
    description: 'How long to wait for transcript and summary after the end, 0s to 10m.',
    default: '0s',
    pattern: duration(0, 600),
  },
  redial: { title: 'Redial', description: 'Whether and when to call again.' },
  'redial.maxAttempts': {
    description: 'All attempts counted. Over 1 only with `after`.',
    default: 1,
  },
  'redial.after': {
    title: 'RedialDelays',
    description: 'The outcomes after which to call again, with the delays.',
    default: {},
  },
  'redial.after.no_answer': redialDelays('no_answer'),
  'redial.after.busy': redialDelays('busy'),
  'redial.after.voicemail': redialDelays('voicemail'),
  'redial.after.declined': redialDelays('declined'),
  'redial.after.unreachable': redialDelays('unreachable'),
  'redial.after.failed': redialDelays('failed'),
  window: {
    title: 'CallWindow',
    description: "Calling hours, in the recipient's time zone. Default: always open.",
  },
  'window.timeZone': {
    description: 'An IANA name of the form `Area/Location`, or `UTC`.',
    examples: ['America/New_York'],
  },
  'window.days': {
    description: '1 (Monday) to 7 (Sunday).',
    default: [1, 2, 3, 4, 5, 6, 7],
  },
  'window.from': { description: 'Local time of day, inclusive.', examples: ['09:00'] },
  'window.to': { description: 'Local time of day, exclusive. After `from`.', examples: ['18:00'] },
  notBefore: {
    description: 'Nothing is dialed before this instant. ISO 8601 with an offset.',
    pattern: INSTANT,
    examples: ['2026-12-01T09:00:00-05:00'],
  },
  expiresAt: {
    description:
      'Nothing is dialed after this instant; a live call is not cut off. ISO 8601 with an offset.',
    pattern: INSTANT,
    examples: ['2026-12-05T18:00:00-05:00'],
  },
  placement: { title: 'Placement', description: 'What happens if a response of Truedy is lost.' },
  'placement.settle': {
    description: 'How long to wait before the listing is read, 90s to 1h.',
    default: '330s',
    pattern: duration(90, 3_600),
  },
  labels: {
    description:
      'Yours, and never sent to Truedy. `campaign`, at most 255 bytes, becomes the search attribute TruedyCampaign. Not ' +
      'encrypted there: nothing about a person.',
    maxProperties: 32,
    default: {},
    examples: [{ campaign: 'spring' }],
  },
};

/** Matches the durations of so many seconds in every unit: a whole number and `s`, `m`, `h` or `d`. */
function duration(leastSeconds: number, mostSeconds: number): string {
  const units = Object.entries(UNIT_SECONDS).flatMap(([unit, seconds]) => {
    const [least, most] = [Math.ceil(leastSeconds / seconds), Math.floor(mostSeconds / seconds)];
    return least > most ? [] : [`0*(${wholeNumbers(least, most)})${unit}`];
  });
  return `^(${units.join('|')})$`;
}

/** Matches the decimal numbers from `least` to `most`, without leading zeros. */
function wholeNumbers(least: number, most: number): string {
  const ranges: string[] = [];
  for (let start = least; start <= most;) {
    const end = endOfRange(start, most);
    ranges.push(digits(String(start), String(end)));
    start = end + 1;
  }
  return ranges.join('|');
}

/** The last number that one pattern of digits covers together with `start`, such as 199 of 100 or 42 of 40. */
function endOfRange(start: number, most: number): number {
  for (let step = 10 ** (String(start).length - 1); step >= 1; step /= 10) {
    const digit = Math.floor(start / step) % 10;
    const count = Math.min(10 - digit, Math.floor((most + 1 - start) / step));
    if (start % step === 0 && count > 0) return start + count * step - 1;
  }
  return start;
}

function digits(start: string, end: string): string {
  const places = [...start].map((first, index) => {
    const last = end[index] ?? first;
    return first === last ? first : `[${first}-${last}]`;
  });
  return places.join('');
}
