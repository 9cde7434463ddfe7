import { listSettings } from '../../runtime/list-settings';
import { loadEnvironment } from '../../runtime/process';
import { colorsFor } from '../shared/colors';
import { withFlags, type CommonFlags } from '../shared/flags';
import { temporalRows } from '../config/show';
import { checkBridge } from './bridge';
import { checkTemporal } from './temporal';
import { checkTruedy } from './truedy';
import { EXIT } from '../shared/exit-codes';
import { runCheck } from './check';
import { failure, ok, toLines, warning, type CheckResult, type Finding } from './finding';
import { print, printNext } from '../shared/output';
import { settingRows, type SettingRow } from '../config/settings-view';
import { usageError } from '../shared/usage-error';

const NODE_NEEDED = [20, 19] as const;

/**
 * Checks everything a call needs without placing one. Checks run at the same time, each with its own time
 * limit, and are printed in a fixed order.
 */
export async function doctor(
  flags: CommonFlags & {
    readonly agent?: string;
    /** `false`: calls are only polled, without a bridge. */
    readonly bridge?: string | boolean;
    readonly fix?: boolean;
  },
): Promise<number> {
  const env = withFlags(loadEnvironment(), flags);
  const address = addressOf(flags.bridge);
  const settings = listSettings(env);
  const temporal = checkTemporal(env, settings, flags);
  const checks = [
    runCheck('Node', () => checkNode(process.versions.node)),
    ...checkSettings([...temporalRows(env, flags), ...settingRows(env)]),
    ...temporal.findings,
    ...checkTruedy(env, flags.agent),
    ...(flags.bridge === false ? [] : checkBridge(settings, address)),
  ];
  const found = await printAll(checks, flags);
  await temporal.closed;
  return found.some(({ mark }) => mark === 'failure') ? EXIT.settings : EXIT.done;
}

/** Whether Node is as new as our dependencies require. */
export function checkNode(version: string): CheckResult {
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
  throw usageError(
    'TT3007  --bridge must be an http or https address.',
    '--bridge https://hooks.example.com',
  );
}

function checkSettings(rows: readonly SettingRow[]): readonly Promise<Finding>[] {
  const invalid = rows.filter(({ mark, usedBy }) => mark !== 'ok' && usedBy.length > 0);
  const unknown = rows.filter(({ usedBy }) => usedBy.length === 0);
  const toText = ({ name, problem, source }: SettingRow) =>
    `${name} ${problem}${source === 'not set' ? '' : ` (${source})`}`;
  const resultOf = (ones: readonly SettingRow[], found: string): CheckResult => {
    const text = ones.map(toText).join(' · ');
    if (ones.length === 0) return ok(found);
    const isWrong = ones.some(({ mark }) => mark === 'failure');
    return (isWrong ? failure : warning)(text, 'temporal truedy config show');
  };
  return [
    runCheck('Settings', () => resultOf(invalid, 'valid for worker and bridge')),
    runCheck('Names of settings', () => resultOf(unknown, 'all are known')),
  ];
}

async function printAll(
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
  return `\n${found.length} checks: ${marks}\nNo call was placed. What only a call can prove: docs/doctor.md`;
}
