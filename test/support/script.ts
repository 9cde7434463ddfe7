import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SRC = join(__dirname, '../../src');

/**
 * Runs a script in a separate process, because the environment must be set before it starts.
 *
 * @param body The body of an async function. `load` requires a module of `src/`.
 * @returns Its output.
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
