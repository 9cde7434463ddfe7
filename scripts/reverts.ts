import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { CATCHERS, fileOf, patches, type Catcher } from '../test/attack/reverts/catchers';
import { killAll, start, type Ended } from './process-group';

/**
 * Removes one rule at a time from a copy of this checkout, and checks that the attacker notices:
 * `npm run reverts -- [rule …] [--jobs 2] [--seed 1] [--minutes 15]`. Exits with 1 if a removed rule is not noticed.
 */
const ROOT = join(__dirname, '..');
const run = promisify(execFile);

/** Whether a catcher noticed the missing rule. */
interface Verdict {
  readonly patch: string;
  /** Why it was not noticed. Absent if it was. */
  readonly missed?: string;
  readonly after?: number | undefined;
  /** The broken promise. */
  readonly broke?: string | undefined;
  readonly seconds: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string', default: '15' },
    },
  });
  const unknown = positionals.filter((name) => !patches().includes(name));
  if (unknown.length > 0)
    throw new Error(
      `Unknown patch: ${unknown.join(', ')}. Run ls test/attack/reverts to list them.`,
    );
  const waiting = positionals.length > 0 ? positionals : [...patches()];
  const folder = await mkdtemp(join(tmpdir(), 'truedy-reverts-'));
  const quit = (signal: NodeJS.Signals) => {
    waiting.length = 0;
    killAll();
    void rm(folder, { recursive: true, force: true }).finally(() =>
      process.exit(signal === 'SIGINT' ? 130 : 143),
    );
  };
  process.once('SIGINT', quit).once('SIGTERM', quit);
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
      const limitMs = Number(values.minutes) * 60_000;
      const verdict = await evaluate(join(folder, patch), patch, values.seed, limitMs);
      print(row(verdict));
      verdicts.push(verdict);
    }
  };
  try {
    print('patch | caught by | cases needed | seconds | broken promise');
    print('--- | --- | --- | --- | ---');
    await Promise.all(Array.from({ length: Math.min(Number(values.jobs), 2) }, work));
  } finally {
    killAll();
    await rm(folder, { recursive: true, force: true });
  }
  const missed = verdicts.filter((one) => one.missed !== undefined);
  print(`\n${verdicts.length - missed.length} of ${verdicts.length} caught`);
  for (const { patch, missed: why } of missed) print(`\n${patch}: ${why}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

async function evaluate(
  folder: string,
  patch: string,
  seed: string,
  limitMs: number,
): Promise<Verdict> {
  const sinceMs = performance.now();
  const seconds = () => Math.round((performance.now() - sinceMs) / 1_000);
  try {
    await copyCheckout(folder);
    // A repository around the copy must not affect `git apply`.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
    await run('git', ['apply', '-p1', fileOf(patch)], { cwd: folder, env });
    const catcher = CATCHERS[patch];
    if (catcher === undefined)
      throw new Error('test/attack/reverts/catchers.ts has no catcher for it');
    const broken = await compileErrors(folder, limitMs);
    if (broken !== undefined) return { patch, missed: broken, seconds: seconds() };
    const found = await hunt(catcher, folder, seed, limitMs);
    return { patch, ...found, seconds: seconds() };
  } catch (error) {
    return { patch, missed: String(error), seconds: seconds() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Copies tracked and new files. The packages are linked. */
async function copyCheckout(folder: string): Promise<void> {
  const { stdout } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT, maxBuffer: 16 * 1024 * 1024 },
  );
  const files = stdout.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await cp(join(ROOT, file), join(folder, file));
  }
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/** Code that does not compile breaks more than its rule: it may send nothing at all, and then there is nothing to notice. */
async function compileErrors(folder: string, limitMs: number): Promise<string | undefined> {
  const options = '--noEmit --pretty false --noUnusedLocals false --noUnusedParameters false';
  const { code, output } = await start(['npx', 'tsc', ...options.split(' ')], folder, limitMs);
  return code === 0 ? undefined : `The patched code does not compile:\n${output.slice(0, 2_000)}`;
}

/** Runs a catcher on the copy. A crash or a timeout does not count as noticed. */
async function hunt(
  { by, cases, people, seed: own }: Catcher,
  folder: string,
  seed: string,
  limitMs: number,
): Promise<Pick<Verdict, 'missed' | 'after' | 'broke'>> {
  const ended =
    by === 'attack'
      ? await start(['npx', 'jest', '--runInBand', 'test/attack/attack.test.ts'], folder, limitMs, {
          ATTACK_STORIES: String(cases),
          ATTACK_SEED: seed,
          ATTACK_SHRINK_MS: '0',
        })
      : await start(
          [
            'npm',
            'run',
            '--silent',
            'chaos',
            '--',
            '--calls',
            String(cases),
            '--seed',
            own ?? seed,
            '--json',
            ...(people === undefined ? [] : ['--people', String(people)]),
          ],
          folder,
          limitMs,
        );
  const after = by === 'attack' ? storiesUntilViolation(ended) : callsWithViolation(ended, cases);
  if (after !== undefined) return { after, broke: brokenBy(by, ended) };
  const how = ended.timedOut ? 'timed out' : `exited with ${ended.code}`;
  return { missed: `${by} ${how} without a violation:\n${ended.output.slice(-2_000)}` };
}

/** The number in the line `VIOLATION after 12 stories`; 0 if the line has none. */
function storiesUntilViolation({ code, output }: Ended): number | undefined {
  const found = /^\W*VIOLATION(?: after (\d+))?/m.exec(output);
  return code === 0 || found === null ? undefined : Number(found[1] ?? 0);
}

function brokenBy(by: Catcher['by'], { output, stdout }: Ended): string | undefined {
  if (by === 'attack') return /VIOLATION: (.+)/.exec(output)?.[1];
  const counts = readCounts(stdout);
  const shown = COUNTS.filter((name) => counts[name] !== undefined);
  return shown.map((name) => `${name} ${counts[name]}`).join(', ');
}

const COUNTS = [
  ...(['doubled', 'lost', 'stuck', 'wrong'] as const),
  // With contact limits.
  ...(['overlaps', 'tooSoon', 'overCap', 'afterOptOut', 'unasked', 'miscounted'] as const),
];

function callsWithViolation({ code, stdout }: Ended, cases: number): number | undefined {
  if (code !== 1) return undefined;
  const counts = readCounts(stdout);
  const isWrong = COUNTS.some((name) => (counts[name] ?? 0) > 0);
  return isWrong ? (counts.calls ?? cases) : undefined;
}

/** The JSON in the output. Empty if the run crashed before it printed any. */
function readCounts(stdout: string): Partial<Record<(typeof COUNTS)[number] | 'calls', number>> {
  try {
    return JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1));
  } catch {
    return {};
  }
}

function row({ patch, missed, after, seconds, broke }: Verdict): string {
  const by = missed === undefined ? CATCHERS[patch]?.by : 'NOT CAUGHT';
  return `${patch} | ${by} | ${after ?? '-'} | ${seconds} | ${broke ?? '-'}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
