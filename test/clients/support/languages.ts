import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const EXAMPLES = join(__dirname, '../../../examples');
const CACHE = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'temporal-truedy/clients',
);

/** How a program ended. */
export interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

type Run = (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ended>;

/** A language with a client and a parent workflow in `examples/`. */
export interface Language {
  readonly name: string;
  readonly command: string;
  /** What to install if the command is missing. */
  readonly needs: string;
  /** Installs what the programs need, which can take a minute, and checks their format. */
  prepare(): Promise<{ readonly start: Run; readonly parent: Run }>;
}

export const PYTHON: Language = {
  name: 'Python',
  command: 'python3',
  needs: 'Python 3.10 or newer, with pip',
  async prepare() {
    const cwd = join(EXAMPLES, 'python');
    const packages = await installPython(join(cwd, 'requirements.txt'));
    const python =
      (program: string): Run =>
      (args, env) => {
        // Python would otherwise leave compiled files in the examples.
        const set = { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1', ...env };
        return run('python3', [program, ...args], { cwd, env: set });
      };
    return { start: python('start_call.py'), parent: python('parent.py') };
  },
};

export const GO: Language = {
  name: 'Go',
  command: 'go',
  needs: 'Go 1.26 or newer',
  async prepare() {
    const cwd = join(EXAMPLES, 'go');
    const program = join(CACHE, 'go', 'client');
    await succeed('go', ['vet', '-mod=readonly', './...'], cwd);
    await succeed('go', ['build', '-mod=readonly', '-o', program, '.'], cwd);
    const unformatted = await succeed('gofmt', ['-l', '.'], cwd);
    if (unformatted !== '') throw new Error(`Run gofmt -w on ${unformatted}`);
    const go =
      (...flags: readonly string[]): Run =>
      (args, env) =>
        run(program, [...flags, ...args], { cwd, env });
    return { start: go(), parent: go('--parent') };
  },
};

/** Whether the command can be run. If not, prints that its client is not tested. */
export function isInstalled({ name, command, needs }: Language): boolean {
  const flag = command === 'go' ? 'version' : '--version';
  if (spawnSync(command, [flag]).status === 0) return true;
  process.stderr.write(`SKIPPED: ${command} is missing, so the ${name} client is not tested.\n`);
  process.stderr.write(`         Install ${needs}, then run npm run test:clients again.\n`);
  return false;
}

/** The folder of the packages. One for each list of packages and version of Python, outside of the repository. */
async function installPython(requirements: string): Promise<string> {
  const version = await succeed('python3', ['--version'], EXAMPLES);
  const digest = createHash('sha256').update(readFileSync(requirements)).update(version);
  const folder = join(CACHE, `python-${digest.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const building = await mkdtemp(`${folder}-`);
  const flags = ['--quiet', '--disable-pip-version-check', '--target', building];
  await succeed('python3', ['-m', 'pip', 'install', ...flags, '-r', requirements], EXAMPLES);
  // Only a complete folder gets the name. Another process may have been sooner.
  await rename(building, folder).catch(() => rm(building, { recursive: true }));
  return folder;
}

/** @returns What the command printed. @throws Error with all of its output if it failed. */
async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await run(command, args, { cwd, env: {} });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout.trim();
}

function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8' as const };
    const child = execFile(command, args, options, (_, stdout, stderr) => {
      resolve({ status: child.exitCode ?? child.signalCode ?? -1, stdout, stderr });
    });
  });
}
