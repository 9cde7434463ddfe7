import type { z } from 'zod';
import { isSet, settingProblems } from './parse-settings';
import { sourceOf } from './process';
import { bridgeSchema, codecSchema, SECRET_SETTINGS, workerSchema } from './settings-schema';

const SCHEMAS = { worker: workerSchema, bridge: bridgeSchema, 'codec server': codecSchema };
const PROCESSES = ['worker', 'bridge', 'codec server'] as const;
const SHAPE: Readonly<Record<string, z.ZodType>> = {
  ...workerSchema.shape,
  ...bridgeSchema.shape,
  ...codecSchema.shape,
};
const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(SHAPE),
  'TRUEDY_TEST_TEMPORAL_ADDRESS',
]);

/** One setting, as a process would read it. */
export interface Setting {
  readonly name: string;
  /** The value that is set, else the default; `undefined` if there is neither. May be a secret. */
  readonly value: string | undefined;
  readonly isSecret: boolean;
  /** `env`, `.env:LINE`, `default` or `not set`. A variable without a default keeps its source even if it is empty. */
  readonly source: string;
  readonly usedBy: readonly (typeof PROCESSES)[number][];
  /** Why a process would not start with it. Empty if the setting is valid. */
  readonly problems: readonly string[];
}

/** Every setting of our processes, valid or not. */
export function listSettings(env: NodeJS.ProcessEnv): readonly Setting[] {
  const problemsOf = {
    worker: settingProblems(workerSchema, env),
    bridge: settingProblems(bridgeSchema, env),
    'codec server': settingProblems(codecSchema, env),
  };
  return Object.entries(SHAPE).map(([name, schema]) => {
    const usedBy = PROCESSES.filter((process) => name in SCHEMAS[process].shape);
    const problems = usedBy.flatMap((process) => problemsOf[process].get(name) ?? []);
    const parsed = schema.safeParse(undefined);
    const isDefault = parsed.data !== undefined && !isSet(env, name);
    return {
      name,
      value: isSet(env, name) ? env[name] : isDefault ? String(parsed.data) : undefined,
      isSecret: SECRET_SETTINGS.has(name),
      source: isDefault ? 'default' : (sourceOf(env, name) ?? 'not set'),
      usedBy,
      problems: [...new Set(problems)],
    };
  });
}

/** One line for each `TRUEDY_` variable that is not a setting: most likely a misspelled one. */
export function unknownSettings(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('TRUEDY_') && !KNOWN_NAMES.has(name))
    .map((name) => {
      const likely = [...KNOWN_NAMES].find((known) => isSimilar(name, known));
      const hint = likely === undefined ? '' : `; did you mean ${likely}?`;
      return `${name} is not a setting${hint}`;
    });
}

// --- internal ---

/** Whether one name becomes the other by changing, adding or removing up to two adjacent characters. */
function isSimilar(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return Math.max(a.length, b.length) - start - end <= 2;
}
