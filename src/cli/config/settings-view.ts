import { settingsOf, unknownSettings, type Setting } from '../../runtime/config';
import { SettingsError, sourceOf } from '../../runtime/process';
import type { Mark } from '../doctor/check';

/** A setting as a person may see it. */
export interface SettingRow {
  readonly name: string;
  /** Secrets by their last four signs alone. Absent: it is not set and has no default. */
  readonly value?: string;
  readonly source: string;
  readonly usedBy: readonly ('worker' | 'bridge' | 'temporal')[];
  readonly mark: Exclude<Mark, 'skipped'>;
  readonly problem?: string;
}

/** Every setting of worker and bridge, and after them what looks like one and is none. */
export function settingRows(env: NodeJS.ProcessEnv): readonly SettingRow[] {
  const settings = settingsOf(env);
  // A machine may run one of the two: what only the other one needs is worth a word, and no fault.
  const absent = settings.filter(isAbsent);
  const rows = settings.map((setting): SettingRow => {
    const { name, value, isSecret, source, usedBy, faults } = setting;
    const isOther = absent.length === 1 && isAbsent(setting);
    return {
      name,
      ...(value !== undefined && { value: isSecret ? hidden(value) : shown(value) }),
      source: value === undefined && faults.length === 0 ? 'not set' : source,
      usedBy,
      mark: faults.length === 0 ? 'ok' : isOther ? 'warning' : 'failure',
      ...(faults.length > 0 && {
        problem: `${faults.join(' · ')}; the ${usedBy.join(' or ')} does not start so`,
      }),
    };
  });
  return [...rows, ...unknownRows(env)];
}

/** A secret by its last four signs, each of a list. */
export function hidden(secret: string): string {
  const ends = endsOf(secret);
  return ends === '' ? 'set' : `set (${ends})`;
}

/** The last four signs; nothing of a short one, of which four would be much. */
export function endsOf(secret: string): string {
  return secret
    .split(',')
    .filter((one) => one.length >= 16)
    .map((one) => `…${one.slice(-4)}`)
    .join(', ');
}

/** The value of one setting, or its default. @throws SettingsError where a process would refuse it. */
export function usable(settings: readonly Setting[], name: string): string {
  const { value = '', source = '', faults = [] } = settings.find((one) => one.name === name) ?? {};
  if (faults.length === 0) return value;
  const from = source === 'not set' ? '' : ` (from ${source})`;
  throw new SettingsError(
    `TT2001  ${name} ${faults.join(' · ')}${from}\n        temporal truedy config show`,
  );
}

// --- internal ---

/** It has to be set and is not. */
function isAbsent({ value, faults }: Setting): boolean {
  return value === undefined && faults.length > 0;
}

/** An address may hold what nobody should see, which is one more reason that it is refused. */
function shown(value: string): string {
  return value.replace(/\/\/[^/@]*@/, '//…@').replace(/[?#].*$/s, '?…');
}

function unknownRows(env: NodeJS.ProcessEnv): SettingRow[] {
  return unknownSettings(env).map((line) => {
    const [name = '', ...words] = line.split(' ');
    return {
      name,
      source: sourceOf(env, name) ?? 'env',
      usedBy: [],
      mark: 'warning',
      problem: words.join(' '),
    };
  });
}
