import { keysProblem, parseKeys } from '../../codec/keys';
import { listSettings, unknownSettings, type Setting } from '../../runtime/list-settings';
import { sourceOf, wrongSettingsError } from '../../runtime/process';
import type { Mark } from '../doctor/finding';

/** A setting, safe to print. */
export interface SettingRow {
  readonly name: string;
  /** A secret is masked. Absent if the setting is not set and has no default. */
  readonly value?: string;
  readonly source: string;
  readonly usedBy: readonly (Setting['usedBy'][number] | 'temporal')[];
  readonly mark: Exclude<Mark, 'skipped'>;
  readonly problem?: string;
}

/** Every setting of our processes, followed by unknown variables that look like settings. */
export function settingRows(env: NodeJS.ProcessEnv): readonly SettingRow[] {
  const settings = listSettings(env);
  // A machine may run only one of the two, so a setting that only the other one needs is a warning.
  const missing = settings.filter(isMissing);
  const rows = settings.map((setting): SettingRow => {
    const { name, value, isSecret, source, usedBy, problems } = setting;
    const isOptional = missing.length === 1 && isMissing(setting);
    return {
      name,
      ...(value !== undefined && { value: shown(name, value, isSecret) }),
      source: value === undefined && problems.length === 0 ? 'not set' : source,
      usedBy,
      mark: problems.length === 0 ? 'ok' : isOptional ? 'warning' : 'failure',
      ...(problems.length > 0 && {
        problem: `${problems.join(' · ')}; the ${usedBy.join(' or ')} does not start`,
      }),
    };
  });
  return [...rows, ...unknownRows(env)];
}

/** A masked secret, or list of secrets. */
export function masked(secret: string): string {
  const visible = lastCharacters(secret);
  return visible === '' ? 'set' : `set (${visible})`;
}

/** The last four characters. Omitted for secrets under 16 characters, where four would reveal too much. */
export function lastCharacters(secret: string): string {
  return secret
    .split(',')
    .filter((part) => part.length >= 16)
    .map((part) => `…${part.slice(-4)}`)
    .join(', ');
}

/** The value of one setting, or its default. @throws SettingsError if it is invalid. */
export function requireSetting(settings: readonly Setting[], name: string): string {
  const setting = settings.find((one) => one.name === name);
  const { value = '', source = '', problems = [] } = setting ?? {};
  if (problems.length === 0) return value;
  const from = source === 'not set' ? '' : ` (from ${source})`;
  throw wrongSettingsError([`${name} ${problems.join(' · ')}${from}`]);
}

// --- internal ---

/** Of encryption keys, the ids are shown: they are in each payload anyway. */
function shown(name: string, value: string, isSecret: boolean): string {
  if (!isSecret) return withoutCredentials(value);
  if (name !== 'TRUEDY_ENCRYPTION_KEYS') return masked(value);
  return keysProblem(value) === undefined
    ? `set (${[...parseKeys(value).keys()].join(', ')})`
    : 'set';
}

/** Whether a required setting is not set. */
function isMissing({ value, problems }: Setting): boolean {
  return value === undefined && problems.length > 0;
}

/** An invalid URL may contain a password or token. */
function withoutCredentials(value: string): string {
  return value.replace(/\/\/[^/@]*@/, '//…@').replace(/[?#].*$/s, '?…');
}

function unknownRows(env: NodeJS.ProcessEnv): SettingRow[] {
  return unknownSettings(env).map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return {
      name,
      source: sourceOf(env, name) ?? 'env',
      usedBy: [],
      mark: 'warning',
      problem: rest.join(' '),
    };
  });
}
