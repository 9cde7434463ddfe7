import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { CATCHERS, fileOf, patches, type Catcher } from '../test/attack/reverts/catchers';
import { endAll, start, type Ended } from './process-group';

/**
 * Takes one rule after the other out of a copy of this checkout, and shows that the attacker finds it missing:
 * `npm run reverts -- [rule …] [--jobs 2] [--seed 1] [--minutes 15]`. Exit 1 where one is not found.
 */
const ROOT = join(__dirname, '..');
const run = promisify(execFile);

/** How a catcher ended, and what became of the rule by it. */
interface Verdict {
  readonly patch: string;
  /** Absent: it was found. */
  readonly missed?: string;
  readonly after?: number | undefined;
  /** The promise that it saw broken. */
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
  if (unknown.length > 0) throw new Error(`There is no patch ${unknown.join(', ')}`);
  const waiting = positionals.length > 0 ? positionals : [...patches()];
  const folder = await mkdtemp(join(tmpdir(), 'truedy-reverts-'));
  const quit = (signal: NodeJS.Signals) => {
    waiting.length = 0;
    endAll();
    void rm(folder, { recursive: true, force: true }).finally(() =>
      process.exit(signal === 'SIGINT' ? 130 : 143),
    );
  };
  process.once('SIGINT', quit).once('SIGTERM', quit);
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
      const limitMs = Number(values.minutes) * 60_000;
      const verdict = await judge(join(folder, patch), patch, values.seed, limitMs);
      say(row(verdict));
      verdicts.push(verdict);
    }
  };
  try {
    say('patch | caught by | after how many cases | seconds | what it saw');
    say('--- | --- | --- | --- | ---');
    await Promise.all(Array.from({ length: Math.min(Number(values.jobs), 2) }, work));
  } finally {
    endAll();
    await rm(folder, { recursive: true, force: true });
  }
  const missed = verdicts.filter((one) => one.missed !== undefined);
  say(`\n${verdicts.length - missed.length} of ${verdicts.length} caught`);
  for (const { patch, missed: why } of missed) say(`\n${patch}: ${why}`);
  process.exitCode = missed.length > 0 ? 1 : 0;
}

async function judge(
  folder: string,
  patch: string,
  seed: string,
  limitMs: number,
): Promise<Verdict> {
  const sinceMs = performance.now();
  const seconds = () => Math.round((performance.now() - sinceMs) / 1_000);
  try {
    await copyCheckout(folder);
    // The folder around the copy may be a repository; it is none of this one.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) };
    await run('git', ['apply', '-p1', fileOf(patch)], { cwd: folder, env });
    const catcher = CATCHERS[patch];
    if (catcher === undefined) throw new Error('no catcher is named');
    const found = await hunt(catcher, folder, seed, limitMs);
    return { patch, ...found, seconds: seconds() };
  } catch (error) {
    return { patch, missed: String(error), seconds: seconds() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What git knows here, and what was added since; the packages are shared. */
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

/** Runs a catcher on the copy. A crash, or a time limit, is no catch. */
async function hunt(
  { by, cases }: Catcher,
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
            seed,
            '--json',
          ],
          folder,
          limitMs,
        );
  const after = by === 'attack' ? storiesUntilViolation(ended) : callsWithViolation(ended, cases);
  if (after !== undefined) return { after, broke: brokenBy(by, ended) };
  const how = ended.isOverdue ? 'ran out of time' : `ended with exit ${ended.code}`;
  return { missed: `${by} ${how} without a violation:\n${ended.said.slice(-2_000)}` };
}

/** `VIOLATION after 12 stories`, on a line of its own; 0 where it counts none. */
function storiesUntilViolation({ code, said }: Ended): number | undefined {
  const found = /^\W*VIOLATION(?: after (\d+))?/m.exec(said);
  return code === 0 || found === null ? undefined : Number(found[1] ?? 0);
}

function brokenBy(by: Catcher['by'], { said, stdout }: Ended): string | undefined {
  if (by === 'attack') return /VIOLATION: (.+)/.exec(said)?.[1];
  const counts = readCounts(stdout);
  return WRONGS.map((name) => `${name} ${counts[name] ?? 0}`).join(', ');
}

const WRONGS = ['doubled', 'lost', 'stuck', 'wrong'] as const;

function callsWithViolation({ code, stdout }: Ended, cases: number): number | undefined {
  if (code !== 1) return undefined;
  const told = readCounts(stdout);
  const isWrong = WRONGS.some((name) => (told[name] ?? 0) > 0);
  return isWrong ? (told.calls ?? cases) : undefined;
}

/** The JSON among what it printed; nothing where it crashed before. */
function readCounts(stdout: string): Partial<Record<(typeof WRONGS)[number] | 'calls', number>> {
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

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
