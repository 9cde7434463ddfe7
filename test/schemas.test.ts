import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type { z } from 'zod';
import { files } from '../scripts/schemas';
import type * as definitions from '../scripts/schema-definitions';
import { validateInput } from '../src/activities/input-schema';
import type { CallEvent, CallResult, CallView } from '../src/call/api-types';
import type { CallRecord } from '../src/call/call-record';
import type { OutboundCallInput } from '../src/call/input';
import { toPlan } from '../src/call/plan';
import { schemaProblems, type SchemaName } from './support/schema';

const ROOT = join(__dirname, '..');
const NAMES: readonly SchemaName[] = [
  'outbound-call-input',
  'call-result',
  'call-failure',
  'call-event',
  'call-view',
];

const INPUT_FIELDS: readonly (keyof OutboundCallInput)[] = [
  'call',
  'completion',
  'redial',
  'window',
  'notBefore',
  'expiresAt',
  'placement',
  'labels',
];

// The compiler holds each schema to its type: a field that only one of them has is an error, optional or not.
type Fields<T> = T extends object
  ? { -readonly [K in keyof T]-?: [Fields<T[K]>, {} extends Pick<T, K> ? 'optional' : 'required'] }
  : T;
type Same<A, B> = [Fields<A>, Fields<B>] extends [Fields<B>, Fields<A>] ? true : false;
const SAME: readonly true[] = [
  true satisfies Same<z.infer<typeof definitions.callResult>, CallResult>,
  true satisfies Same<z.infer<typeof definitions.callView>, CallView>,
  true satisfies Same<z.infer<typeof definitions.callEvent>, CallEvent>,
  true satisfies Same<z.infer<typeof definitions.callRecord>, CallRecord>,
];

it('has a schema for each public type', () => {
  expect(SAME).toHaveLength(4);
});

it.each([...files()])('%s is current: npm run fix:schemas', (path, text) => {
  const written = readFileSync(join(ROOT, path), 'utf8');
  // `prettier --check` holds the format of JSON.
  expect(path.endsWith('.json') ? JSON.stringify(JSON.parse(written)) : written).toBe(text);
});

it('is in the package', () => {
  const { files: packed } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(packed).toContain('schemas');
  expect(readdirSync(join(ROOT, 'schemas')).sort()).toEqual(
    NAMES.map((name) => `${name}.json`).sort(),
  );
});

it('describes every field', () => {
  const fields: string[] = [];
  const walk = (schema: any, path: string): void => {
    for (const [name, one] of Object.entries<any>(schema.properties ?? {})) {
      fields.push(`${path}.${name}`);
      if (!one.description) throw new Error(`${path}.${name} has no description`);
      walk(one, `${path}.${name}`);
    }
    for (const [name, one] of Object.entries<any>(schema.$defs ?? {})) walk(one, name);
  };
  for (const name of NAMES) walk(read(name), name);
  expect(fields.length).toBeGreaterThan(90);
});

describe('the schema of the input', () => {
  const problemsOf = schemaProblems('outbound-call-input');
  const base = { call: { agent_id: 'a', phone_number: '+14155550101' } };
  const accepts = (input: unknown) => [
    problemsOf(input).length === 0,
    validateInput(input).problems.length === 0,
  ];

  it.each<readonly [string, (text: string) => object]>([
    ['completion.grace', (grace) => ({ completion: { grace } })],
    ['completion.pollEvery', (pollEvery) => ({ completion: { pollEvery } })],
    ['completion.artifacts', (artifacts) => ({ completion: { artifacts } })],
    ['placement.settle', (settle) => ({ placement: { settle } })],
    ['redial.after.busy', (busy) => ({ redial: { after: { busy: [busy] } } })],
    [
      'call_settings.max_duration',
      (text) => ({ call: { ...base.call, call_settings: { max_duration: text } } }),
    ],
    ['window.from', (from) => ({ window: { timeZone: 'UTC', from, to: '23:59' } })],
  ])('agrees with the worker on every text in %s', (_, inputWith) => {
    const count = fc.oneof(
      fc.constantFrom(
        0,
        1,
        4,
        5,
        10,
        11,
        30,
        31,
        59,
        60,
        61,
        89,
        90,
        99,
        100,
        600,
        601,
        719,
        720,
        721,
        3600,
        3601,
      ),
      fc.constantFrom(43_199, 43_200, 43_201, 86_399, 86_400, 86_401, 2_592_000, 2_592_001),
      fc.nat(3_000_000),
    );
    const text = fc.oneof(
      fc
        .tuple(fc.constantFrom('', '0', '00'), count, fc.constantFrom('s', 'm', 'h', 'd', '', 'S'))
        .map((parts) => parts.join('')),
      fc.constantFrom('09:00', '9:00', '24:00', '23:58', '', 's', '-5s', '1.5s', '٥s', '5s\n'),
    );
    const property = fc.property(text, (one) => {
      const [bySchema, byWorker] = accepts({ ...base, ...inputWith(one) });
      expect({ one, bySchema }).toEqual({ one, bySchema: byWorker });
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each<readonly [unknown]>([
    [base],
    [{}],
    [null],
    [{ ...base, colour: 'red' }],
    [{ call: { ...base.call, phone_number: '4155550101' } }],
    [{ call: { ...base.call, phone_number: '+04155550101' } }],
    [{ call: { ...base.call, agent_id: '' } }],
    [{ call: { ...base.call, agent_id: ' a' } }],
    [{ call: { ...base.call, agent_id: 'a'.repeat(256) } }],
    [{ call: { ...base.call, variables: { n: 1 } } }],
    [{ call: { ...base.call, variables: { temporal_ref: 'x' } } }],
    [{ call: { ...base.call, variables: [] } }],
    [{ call: { ...base.call, variables: { ['名前']: '' } } }],
    [{ ...base, redial: { maxAttempts: 21, after: { busy: ['5m'] } } }],
    [{ ...base, redial: { maxAttempts: 1.5 } }],
    [{ ...base, redial: { after: { unknown: ['5m'] } } }],
    [{ ...base, redial: { after: { busy: [] } } }],
    [{ ...base, window: { timeZone: 'UTC', days: [0], from: '09:00', to: '10:00' } }],
    [{ ...base, window: { timeZone: 'UTC', days: [7], from: '09:00', to: '10:00' } }],
    [{ ...base, notBefore: '2026-12-01T09:00:00' }],
    [{ ...base, notBefore: '2026-12-01T09:00Z' }],
    [{ ...base, expiresAt: '2026-12-01T09:00:00.5+05:30' }],
    [{ ...base, labels: { campaign: 1 } }],
    [{ ...base, labels: Object.fromEntries(Array.from({ length: 33 }, (__, n) => [`l${n}`, ''])) }],
    [{ ...base, labels: { ['n'.repeat(65)]: '' } }],
    [{ ...base, completion: { mode: 'email' } }],
  ])('agrees with the worker on %j', (input) => {
    const [bySchema, byWorker] = accepts(input);
    expect(bySchema).toBe(byWorker);
  });

  it('has the defaults of the worker', () => {
    const filled = withDefaults(read('outbound-call-input'));
    expect(filled).toMatchObject({ completion: { grace: '5m' }, redial: { maxAttempts: 1 } });
    const facts = { apiTaskQueue: 'q', searchAttributes: true, timeScale: 1 };
    const { window: _, ...others } = filled;
    const plan = (input: object) => toPlan({ ...base, ...input }, facts, { keys: [] });
    expect(plan(others)).toEqual(plan({}));
  });
});

/** An object with every default of a schema. */
function withDefaults(schema: any): any {
  const entries = Object.entries<any>(schema.properties ?? {}).flatMap(([name, one]) => {
    if (one.default !== undefined) return [[name, one.default]];
    const inner = withDefaults(one);
    return Object.keys(inner).length > 0 ? [[name, inner]] : [];
  });
  return Object.fromEntries(entries);
}

describe('what readers see', () => {
  it.each(examplesOfPages())('%s:%i is a valid %s', (_, __, name, value) => {
    expect(schemaProblems(name)(value)).toEqual([]);
  });

  it('has examples of each schema', () => {
    const shown = new Set(examplesOfPages().map(([, , name]) => name));
    expect([...shown].sort()).toEqual([...NAMES].sort());
  });
});

describe('stored histories', () => {
  const folder = join(ROOT, 'test/histories');
  const events = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .flatMap((path) => historyOf(join(folder, path)));

  it.each<readonly [string, SchemaName, number, (event: any) => any]>([
    [
      'inputs',
      'outbound-call-input',
      10,
      ({ workflowExecutionStartedEventAttributes: started }) =>
        started?.workflowType.name === 'OutboundCallWorkflow' ? started.input : undefined,
    ],
    ['results', 'call-result', 10, (one) => one.workflowExecutionCompletedEventAttributes?.result],
    [
      'deliveries',
      'call-event',
      10,
      ({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal?.signalName === 'callEvent' ? signal.input : undefined,
    ],
  ])('have valid %s', (_, name, atLeast, pick) => {
    const problemsOf = schemaProblems(name);
    const payloads = events.flatMap((event) => pick(event)?.payloads ?? []);
    const values = payloads.map(({ data }: { data: string }) =>
      JSON.parse(Buffer.from(data, 'base64').toString()),
    );
    expect(values.length).toBeGreaterThan(atLeast);
    // One signal of these histories was sent by a test, not by the bridge.
    expect(
      values.flatMap((value: any) => (value.receivedAt === '' ? [] : problemsOf(value))),
    ).toEqual([]);
  });
});

function read(name: SchemaName): any {
  return JSON.parse(readFileSync(join(ROOT, `schemas/${name}.json`), 'utf8'));
}

function historyOf(path: string): any[] {
  const history = JSON.parse(readFileSync(path, 'utf8'));
  return history.events ?? history.history?.events ?? [];
}

type Example = readonly [path: string, line: number, name: SchemaName, value: object];

/** Every JSON object in the pages and examples that is one of ours. The keys of the object decide which one. */
function examplesOfPages(): readonly Example[] {
  const listed = execFileSync('git', ['ls-files', '--', '*.md', 'examples'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed
    .split('\n')
    .filter((path) => path !== '' && path !== 'CHANGELOG.md')
    .flatMap((path) => {
      const text = readFileSync(join(ROOT, path), 'utf8');
      const blocks = [
        ...text.matchAll(/```jsonc?\n([^]*?)\n *```/g),
        ...text.matchAll(/--input '(\{[^']*\})'/g),
      ];
      return blocks.flatMap((match): Example[] => {
        const [, body = ''] = match;
        const line = text.slice(0, match.index).split('\n').length;
        const value = parse(body, `${path}:${line}`);
        const name = kindOf(value);
        return name === undefined ? [] : [[path, line, name, complete(name, value)]];
      });
    });
}

/** Accepts comments, commas at the end, and a few fields without their braces. */
function parse(text: string, where: string): object {
  const json = text
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/,(\s*[}\]])/g, '$1')
    .trim();
  try {
    return JSON.parse(json.startsWith('{') ? json : `{${json.replace(/,$/, '')}}`);
  } catch (error) {
    throw new Error(`${where} is not JSON`, { cause: error });
  }
}

function kindOf(value: object): SchemaName | undefined {
  const fields = Object.keys(value);
  if (fields.every((field) => INPUT_FIELDS.some((name) => name === field)))
    return 'outbound-call-input';
  if ('phase' in value) return 'call-view';
  if ('ids' in value) return 'call-event';
  if ('details' in value) return 'call-failure';
  return 'outcome' in value ? 'call-result' : undefined;
}

/** Pages show some fields of an input alone. */
function complete(name: SchemaName, value: object): object {
  if (name !== 'outbound-call-input') return value;
  return { call: { agent_id: 'agent_01h', phone_number: '+14155550101' }, ...value };
}
