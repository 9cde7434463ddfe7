import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { KnownError } from '../../runtime/process';

const READY_LIMIT_MS = 30_000;

/** One of our processes, run as a child. It stops by itself when its parent has ended. */
export interface Child {
  /** The line it printed when it was ready. */
  readonly ready: string;
  readonly pid: number;
  /** The last lines of its stderr, at most 4,000 characters. */
  errors(): string;
  /** Resolves once the process has ended, for any reason. */
  readonly ended: Promise<unknown>;
  /** Resolves once the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts an entry of `src/` and waits for its ready line.
 *
 * @param entry Its path below `src/`, without an extension: `webhook/server`.
 * @param settings Added to the environment of the child, which defaults to that of this process.
 * @throws KnownError with its stderr if it ends before it is ready.
 */
export async function startChild(
  entry: string,
  settings: Readonly<Record<string, string>>,
  options: {
    readonly env?: NodeJS.ProcessEnv;
    /** Kills the child when it aborts. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<Child> {
  const { env = process.env, signal } = options;
  // Source files run through tsx, built files directly.
  const extension = extname(__filename);
  const loader = extension === '.ts' ? ['--import', require.resolve('tsx')] : [];
  const file = join(__dirname, '../..', `${entry}${extension}`);
  const child = spawn(process.execPath, [...loader, file], {
    env: { ...env, ...settings },
    // This folder has no `.env` that would add settings.
    cwd: dirname(__filename),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  const end = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  child.once('exit', () => signal?.removeEventListener('abort', end));
  if (signal?.aborted) end();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const first = once(lines, 'line', { signal: AbortSignal.timeout(READY_LIMIT_MS) });
  const ready = await Promise.race([
    first.then(([line]) => String(line)),
    ended.then(() => undefined),
  ]).catch(() => undefined);
  if (ready === undefined) {
    child.kill('SIGKILL');
    throw new KnownError(`TT6002  ${entry} did not start. Its output:\n${stderr}`, 4);
  }
  return {
    ready,
    pid: child.pid ?? 0,
    errors: () => stderr,
    ended,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}
