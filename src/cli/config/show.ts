import { printable } from '../../call/text/characters';
import { KnownError, loadEnvironment, sourceOf } from '../../runtime/process';
import { readTemporalSettings, type TemporalSettings } from '../../temporal/client';
import { colorsFor } from '../shared/colors';
import { withFlags, type CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { note, print } from '../shared/output';
import { masked, settingRows, type SettingRow } from './settings-view';

const MARKS = { ok: ' ', warning: '!', failure: '✗' } as const;

/** Prints every setting with its value, source and problem. */
export function configShow(flags: CommonFlags): number {
  const env = withFlags(loadEnvironment(), flags);
  const rows = [...temporalRows(env, flags), ...settingRows(env)];
  print(flags.output, rows, { painted: toTable(rows, flags) });
  const invalid = rows.filter(({ mark }) => mark === 'failure').length;
  if (invalid > 0) note(`${invalid} invalid. For a description of each:  cat .env.example`);
  return invalid > 0 ? EXIT.settings : EXIT.done;
}

/** The connection settings. Sources in order: flag, environment, profile of temporal.toml, default. */
export function temporalRows(env: NodeJS.ProcessEnv, flags: CommonFlags): readonly SettingRow[] {
  const read = tryRead(env);
  const { connectionOptions: { apiKey, tls } = {}, address, namespace } = read.settings ?? {};
  const profile = env['TEMPORAL_PROFILE'] || 'default';
  const row = (name: string, flag: string | undefined, value?: string, preset?: string) => {
    const given = flag === undefined ? sourceOf(env, name) : 'flag';
    const inherited = value === preset ? 'default' : `toml:${profile}`;
    const source = env[name] ? (given ?? 'env') : value === undefined ? 'not set' : inherited;
    return { name, ...(value !== undefined && { value }), source, usedBy, mark: 'ok' } as const;
  };
  const usedBy = ['temporal'] as const;
  const key = typeof apiKey === 'string' ? masked(apiKey) : undefined;
  const secure = read.settings && (tls ? 'on' : 'off');
  const rows: SettingRow[] = [
    row('TEMPORAL_CONFIG_FILE', flags.configFile, env['TEMPORAL_CONFIG_FILE'] || undefined),
    row('TEMPORAL_PROFILE', flags.profile, profile, 'default'),
    row('TEMPORAL_ADDRESS', flags.address, address, 'localhost:7233'),
    row('TEMPORAL_NAMESPACE', flags.namespace, namespace, 'default'),
    row('TEMPORAL_API_KEY', flags.apiKey, key),
    row('TEMPORAL_TLS', undefined, secure, 'off'),
  ];
  const { problem } = read;
  if (problem === undefined) return rows;
  const isFile = problem.includes('TEMPORAL_CONFIG_FILE');
  const invalid = isFile ? 'TEMPORAL_CONFIG_FILE' : 'TEMPORAL_PROFILE';
  return rows.map((one) => (one.name === invalid ? { ...one, mark: 'failure', problem } : one));
}

// --- internal ---

function tryRead(env: NodeJS.ProcessEnv): {
  readonly settings?: TemporalSettings;
  readonly problem?: string;
} {
  try {
    return { settings: readTemporalSettings(env) };
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    return { problem: error.message.split('\n')[0]?.replace(/^TT\d+ +/, '') ?? '' };
  }
}

const SECTIONS = [
  ['Temporal', ({ usedBy }) => usedBy.includes('temporal')],
  ['worker', ({ usedBy }) => usedBy.join() === 'worker'],
  ['bridge', ({ usedBy }) => usedBy.join() === 'bridge'],
  ['codec server', ({ usedBy }) => usedBy.join() === 'codec server'],
  ['worker and bridge', ({ usedBy }) => usedBy.length === 2],
  ['worker, bridge and codec server', ({ usedBy }) => usedBy.length === 3],
  ['not settings', ({ usedBy }) => usedBy.length === 0],
] as const satisfies readonly (readonly [string, (row: SettingRow) => boolean])[];

function toTable(rows: readonly SettingRow[], flags: CommonFlags): string {
  const paint = colorsFor(flags.color);
  const colors = { ok: paint.reset, warning: paint.yellow, failure: paint.red };
  const line = ({ name, value = '–', source, mark, problem }: SettingRow) => {
    const text = `  ${colors[mark](MARKS[mark])} ${printable(name).padEnd(26)}  ${printable(value).padEnd(36)}  ${source}`;
    return problem === undefined ? [text] : [text, `      ${colors[mark](printable(problem))}`];
  };
  return SECTIONS.flatMap(([title, isIn]) => {
    const own = rows.filter(isIn);
    return own.length === 0 ? [] : [paint.bold(title), ...own.flatMap(line)];
  }).join('\n');
}
