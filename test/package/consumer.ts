import { execFile, type PromiseWithChild } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(__dirname, '../..');
const PACKED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', '.env.example', 'src'];
const BUILT_WITH = ['tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** Options of a run: what is added to the environment. */
type Environment = Readonly<Record<string, string>>;

/** Rejects if the process fails. */
type Run = PromiseWithChild<{ readonly stdout: string; readonly stderr: string }>;

/** A folder with an installation of the packed package, for several projects: an install takes long. */
export interface Consumer {
  readonly folder: string;
  /** Writes files into a project below the folder. */
  write(project: string, files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs Node in a project. */
  node(project: string, args: readonly string[], environment?: Environment): Run;
  /** Runs a command as a page shows it. `npx` finds the tools of the repository. */
  shell(project: string, command: string): Run;
}

/**
 * Packs and installs the package as an application does, with the SDK of the version that is tested here.
 *
 * @param libraries Further packages that are installed, of the versions in this repository.
 * @param tools Packages of this repository that are linked, because installing them would take long.
 * @param others Further packages that are installed, by their versions.
 */
export async function installPackage(
  libraries: readonly string[],
  tools: readonly string[],
  others: Readonly<Record<string, string>>,
): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'truedy-package-'));
  // The dependencies are installed while the package is built.
  const [tarball] = await Promise.all([
    pack(folder),
    installDependencies(folder, libraries, others),
  ]);
  await npmInstall(folder, [tarball]);
  const modules = join(folder, 'node_modules');
  for (const name of tools) await link(name, modules);
  const path = `${join(modules, '.bin')}:${process.env['PATH'] ?? ''}`;
  const start = (project: string, command: string, args: readonly string[], more = {}) =>
    promisify(execFile)(command, args, {
      cwd: join(folder, project),
      env: { ...process.env, ...more, PATH: path },
    });
  return {
    folder,
    async write(project, files) {
      for (const [name, text] of Object.entries(files)) {
        const file = join(folder, project, name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
    },
    node: (project, args, environment) => start(project, process.execPath, args, environment),
    shell: (project, command) => start(project, 'sh', ['-c', command.replaceAll('npx ', '')]),
  };
}

/** Packs a copy of the repository, because packing builds `dist`. */
async function pack(folder: string): Promise<string> {
  const source = join(folder, 'source');
  await mkdir(join(source, 'scripts'), { recursive: true });
  for (const path of [...PACKED, ...BUILT_WITH]) {
    await cp(join(ROOT, path), join(source, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  await promisify(execFile)('npm', ['pack', '--pack-destination', folder], { cwd: source });
  return join(folder, `temporal-truedy-${manifest.version}.tgz`);
}

async function installDependencies(
  folder: string,
  libraries: readonly string[],
  others: Readonly<Record<string, string>>,
) {
  const names = [...Object.keys(manifest.peerDependencies), '@types/node', ...libraries];
  const versions = names.map((name) => [name, packageOf(name).version]);
  const dependencies = { ...manifest.dependencies, ...Object.fromEntries(versions), ...others };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await npmInstall(folder);
}

async function npmInstall(folder: string, packages: readonly string[] = []): Promise<void> {
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', ['install', ...flags, ...packages], { cwd: folder });
}

/** Links a package and its commands. */
async function link(name: string, modules: string): Promise<void> {
  const target = join(ROOT, 'node_modules', name);
  await mkdir(dirname(join(modules, name)), { recursive: true });
  await symlink(target, join(modules, name));
  const { bin = {} } = packageOf(name);
  for (const [command, file] of Object.entries(bin)) {
    await symlink(join(target, file), join(modules, '.bin', command));
  }
}

function packageOf(name: string) {
  const path = join(ROOT, 'node_modules', name, 'package.json');
  const { version, bin } = JSON.parse(readFileSync(path, 'utf8'));
  return { version, bin: typeof bin === 'string' ? { [name]: bin } : bin } as {
    readonly version: string;
    readonly bin?: Readonly<Record<string, string>>;
  };
}
