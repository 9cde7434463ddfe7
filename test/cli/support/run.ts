import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const STARTER = join(__dirname, '../../../src/starter.ts');

export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a process of its own, in a folder without `.env`. */
export function begin(args: readonly string[], settings: NodeJS.ProcessEnv = {}) {
  const { TEMPORAL_ADDRESS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), STARTER, ...args], {
    env: { ...env, TSX_TSCONFIG_PATH: join(__dirname, '../../../tsconfig.json'), ...settings },
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[exit], stdout, stderr]): Ran => ({ exit, stdout, stderr }),
  );
  return { child, ran };
}

/** Runs the command line to its end. */
export function run(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return begin(args, settings).ran;
}
