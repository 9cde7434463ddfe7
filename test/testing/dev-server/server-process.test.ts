import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../support/rig';
import { runScript } from '../../support/script';

const MODULE = join(__dirname, '../../../src/testing/dev-server/server-process.ts');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'truedy-keeper-'));
});
afterEach(async () => {
  for (const pid of await running()) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true });
});

/** The processes that were started from the folder: keeper and server. */
async function running(): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['axww', '-o', 'pid=,args=']);
  const lines = stdout.split('\n').filter((line) => line.includes(folder));
  return lines.map((line) => Number.parseInt(line, 10));
}

it('ends a server whose parent died before it read the process id', async () => {
  const [server, node, started] = [join(folder, 'a'), join(folder, 'b'), join(folder, 'c')];
  await writeFile(server, '#!/bin/sh\nwhile :; do sleep 1; done\n', { mode: 0o755 });
  // The keeper starts slowly, as on a busy machine.
  const slowly = `#!/bin/sh\nsleep 1\ntouch ${started}\nexec ${process.execPath} "$@"\n`;
  await writeFile(node, slowly, { mode: 0o755 });
  const code =
    `process.execPath = ${JSON.stringify(node)};` +
    `const { launch } = require(${JSON.stringify(MODULE)});` +
    `launch(${JSON.stringify(server)}, [], '127.0.0.1:1').catch(() => undefined);` +
    'process.exit();';
  await once(spawn(process.execPath, ['--import', require.resolve('tsx'), '-e', code]), 'exit');
  await until(async () => existsSync(started) && (await running()).length === 0);
});

it.each(['1', '2'])('finds a busy port in the output of a server on stream %s', async (stream) => {
  const server = join(folder, 'a');
  // The UI of the dev server prints this to stdout if its port was taken after the first check.
  const line = '{"level":"FATAL","message":"listen tcp 127.0.0.1:1: bind: address already in use"}';
  await writeFile(server, `#!/bin/sh\necho '${line}' >&${stream}\nexit 1\n`, { mode: 0o755 });
  const printed = await runScript(
    `const { launch } = load('testing/dev-server/server-process.ts');
    console.log(await launch(${JSON.stringify(server)}, [], '127.0.0.1:1').catch(String));`,
    {},
  );
  expect(printed).toMatch(/^PortBusyError: .*address already in use/);
});
