import type { z } from 'zod';
import { sourceOf, wrongSettingsError, type SettingsError } from './process';

/** By the name of the setting: what is wrong with it, such as `is not set`. */
export type SettingProblems = ReadonlyMap<string, readonly string[]>;

/** @throws SettingsError that lists every problem. */
export function parseSettings<T>(schema: z.ZodType<T>, env: NodeJS.ProcessEnv): T {
  const parsed = schema.safeParse(withoutEmpty(env));
  if (parsed.success) return parsed.data;
  throw invalidSettings(env, settingProblems(schema, env));
}

/** The problems of each invalid setting, without its value. */
export function settingProblems(schema: z.ZodType, env: NodeJS.ProcessEnv): SettingProblems {
  const problems = new Map<string, string[]>();
  for (const issue of schema.safeParse(withoutEmpty(env)).error?.issues ?? []) {
    const name = String(issue.path[0]);
    const text = problemText(issue);
    const problem = text === 'is not set' && env[name] === '' ? 'is empty' : text;
    problems.set(name, [...(problems.get(name) ?? []), problem]);
  }
  return problems;
}

/** The error for invalid settings. Names the source of each one, never its value. */
export function invalidSettings(env: NodeJS.ProcessEnv, problems: SettingProblems): SettingsError {
  const lines = [...problems].map(([name, ofSetting]) => {
    const source = sourceOf(env, name);
    const text = [...new Set(ofSetting)].map((problem) => `${name} ${problem}`).join(' · ');
    return source === undefined ? text : `${text} (from ${source})`;
  });
  return wrongSettingsError(lines);
}

/** Whether a variable sets its setting. An empty one is treated as unset, unless the setting can be empty. */
export function isSet(env: NodeJS.ProcessEnv, name: string): boolean {
  return Boolean(env[name]) || (env[name] === '' && CAN_BE_EMPTY.has(name));
}

// --- internal ---

const CAN_BE_EMPTY: ReadonlySet<string> = new Set(['TRUEDY_OPT_OUT_OUTCOMES']);

function withoutEmpty(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isSet(env, name)));
}

/** Shows only our own messages: those of zod may quote the value. */
function problemText({ message }: z.core.$ZodIssue): string {
  return /^(is|has|contains|shortens) /.test(message) ? message : 'is out of range';
}
