import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { callEvent, callFailure, callResult, callView } from './schema-definitions';
import { inputJsonSchema, toJsonSchema, type JsonSchema } from './schema-of-input';
import { goTypes, pythonTypes } from './schema-types';

const ROOT = join(__dirname, '..');

/** Each schema by the name of its file in `schemas/`. */
export function schemas(): Readonly<Record<string, JsonSchema>> {
  return {
    'outbound-call-input.json': inputJsonSchema(),
    'call-result.json': toJsonSchema(callResult),
    'call-failure.json': toJsonSchema(callFailure),
    'call-event.json': toJsonSchema(callEvent),
    'call-view.json': toJsonSchema(callView),
  };
}

/** Every file that is made of the schemas, with its text, by its path. JSON is not formatted yet. */
export function files(): ReadonlyMap<string, string> {
  const all = Object.entries(schemas());
  const roots = all.map(([, schema]) => schema);
  return new Map([
    ...all.map(([name, schema]) => [`schemas/${name}`, JSON.stringify(schema, textFirst)] as const),
    ['examples/python/truedy_types.py', pythonTypes(roots)],
    ['examples/go/types.go', goTypes(roots)],
  ]);
}

// --- internal ---

/** Puts title and description before the other keywords. */
function textFirst(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { $schema, title, description, ...others } = value as JsonSchema;
  return { $schema, title, description, ...others };
}

function write(): void {
  for (const [path, text] of files()) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  const prettier = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');
  const flags = ['--log-level', 'warn', '--write', 'schemas'];
  execFileSync(process.execPath, [prettier, ...flags], { cwd: ROOT });
}

if (require.main === module) write();
