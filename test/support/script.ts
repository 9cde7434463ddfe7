import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SRC = join(__dirname, '../../src');

/**
 * Runs a script in a process of its own, where the environment matters before the first line runs.
 *
 * @param body The inside of an async function; `load` requires a module of `src/`.
 * @returns What it printed.
 */
export async function runScript(body: string, env: NodeJS.ProcessEnv): Promise<string> {
  const script = `
    const load = (path) => require(require('node:path').join(${JSON.stringify(SRC)}, path));
    (async () => { ${body} })().then(() => process.exit(0));`;
  const args = ['--import', require.resolve('tsx'), '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}
