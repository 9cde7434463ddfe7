import { settingsOf } from '../../runtime/config';
import { KnownError, loadEnvironment } from '../../runtime/process';
import { colorsFor } from '../shared/colors';
import { withFlags, type CommonFlags } from '../shared/flags';
import { temporalRows } from '../config/show';
import { lookAtBridge } from './bridge';
import { lookAtTemporal } from './temporal';
import { lookAtTruedy } from './truedy';
import { EXIT } from '../shared/exit-codes';
import { failure, finding, ok, toLines, warning, type Finding, type Seen } from './check';
import { print, printNext } from '../shared/output';
import { settingRows, type SettingRow } from '../config/settings-view';

const NODE_NEEDED = [20, 19] as const;

/**
 * Looks at everything a call needs, and rings nobody. Every check stands for itself, within a limit of
 * its own; all of them are told, in one order, as they come.
 */
export async function doctor(
  flags: CommonFlags & {
    readonly agent?: string;
    /** `false`: there is none. */
    readonly bridge?: string | boolean;
    readonly fix?: boolean;
  },
): Promise<number> {
  const env = withFlags(loadEnvironment(), flags);
  const address = addressOf(flags.bridge);
  const settings = settingsOf(env);
  const temporal = lookAtTemporal(env, settings, flags);
  const checks = [
    finding('Node', () => seenOfNode(process.versions.node)),
    ...lookAtSettings([...temporalRows(env, flags), ...settingRows(env)]),
    ...temporal.findings,
    ...lookAtTruedy(env, flags.agent),
    ...(flags.bridge === false ? [] : lookAtBridge(settings, address)),
  ];
  const found = await tellAll(checks, flags);
  await temporal.closed;
  return found.some(({ mark }) => mark === 'failure') ? EXIT.settings : EXIT.done;
}

/** Node as the packages need it. */
export function seenOfNode(version: string): Seen {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [needMajor, needMinor] = NODE_NEEDED;
  const isNew = major > needMajor || (major === needMajor && minor >= needMinor);
  if (isNew) return ok(version);
  return failure(
    `${version} is older than ${NODE_NEEDED.join('.')}`,
    'https://nodejs.org/download',
  );
}

// --- internal ---

function addressOf(flag: string | boolean | undefined): string | undefined {
  if (typeof flag !== 'string') return undefined;
  if (/^https?:\/\//.test(flag) && URL.canParse(flag)) return flag;
  throw new KnownError(
    'TT3007  --bridge is no http(s) address.\n        --bridge https://hooks.example.com',
    EXIT.usage,
  );
}

function lookAtSettings(rows: readonly SettingRow[]): readonly Promise<Finding>[] {
  const faulty = rows.filter(({ mark, usedBy }) => mark !== 'ok' && usedBy.length > 0);
  const unknown = rows.filter(({ usedBy }) => usedBy.length === 0);
  const toText = ({ name, problem, source }: SettingRow) =>
    `${name} ${problem}${source === 'not set' ? '' : ` (${source})`}`;
  const seen = (ones: readonly SettingRow[], found: string): Seen => {
    const text = ones.map(toText).join(' · ');
    if (ones.length === 0) return ok(found);
    const isWrong = ones.some(({ mark }) => mark === 'failure');
    return (isWrong ? failure : warning)(text, 'temporal truedy config show');
  };
  return [
    finding('Settings', () => seen(faulty, 'worker and bridge would start with them')),
    finding('Names of settings', () => seen(unknown, 'none is misspelt')),
  ];
}

async function tellAll(
  checks: readonly Promise<Finding>[],
  { output, color }: CommonFlags,
): Promise<readonly Finding[]> {
  const paint = colorsFor(color);
  const found: Finding[] = [];
  for (const check of checks) {
    const one = await check;
    found.push(one);
    if (output !== 'json') printNext(output, one, { painted: toLines(one, paint) });
  }
  if (output === 'json') print(output, found, '');
  if (output === 'text') print(output, found, summaryOf(found));
  return found;
}

function summaryOf(found: readonly Finding[]): string {
  const count = (...marks: readonly string[]) =>
    found.filter(({ mark }) => marks.includes(mark)).length;
  const marks = `${count('ok')} ✓, ${count('warning', 'skipped')} !, ${count('failure')} ✗`;
  return `\n${found.length} checks: ${marks}\nNobody was rung. What that leaves open: docs/doctor.md`;
}
