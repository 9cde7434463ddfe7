import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STARTER = join(__dirname, '../../../src/starter.ts');

export interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line as a separate process, in a folder without `.env`. `output` contains its output so far. */
export function begin(args: readonly string[], settings: NodeJS.ProcessEnv = {}) {
  const { TEMPORAL_ADDRESS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--import', require.resolve('tsx'), STARTER, ...args], {
    env: { ...env, TSX_TSCONFIG_PATH: join(__dirname, '../../../tsconfig.json'), ...settings },
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ran = once(child, 'close').then(([exit]): Ran => ({ exit, ...output }));
  return { child, ran, output };
}

/** Runs the command line to its end. */
export function run(args: readonly string[], settings: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return begin(args, settings).ran;
}

/** Resolves once stdout contains a match. @throws Error with the whole output if the command ends first. */
export function untilPrinted(
  { child, output, ran }: ReturnType<typeof begin>,
  pattern: RegExp,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pattern.test(output.stdout)) resolve();
    };
    look();
    child.stdout.on('data', look);
    void ran.then((all) =>
      reject(new Error(`Ended without printing ${pattern}: ${JSON.stringify(all, null, 2)}`)),
    );
  });
}
