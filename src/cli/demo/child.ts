import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { KnownError } from '../../runtime/process';

const READY_LIMIT_MS = 30_000;

/** A process of ours, run as a child. It stops by itself when its parent is gone. */
export interface Child {
  /** The line it printed when it was ready. */
  readonly ready: string;
  readonly pid: number;
  /** Resolves once it is gone, whatever ended it. */
  readonly gone: Promise<unknown>;
  /** Resolves once it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts an entry of `src/` and waits for its ready line.
 *
 * @param entry Its path below `src/`, without an extension: `webhook/server`.
 * @param settings Its environment, over the one it is given otherwise: by default that of this process.
 * @throws KnownError with what it said where it ended instead.
 */
export async function startChild(
  entry: string,
  settings: Readonly<Record<string, string>>,
  options: {
    readonly env?: NodeJS.ProcessEnv;
    /** Ends it whenever it aborts. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<Child> {
  const { env = process.env, signal } = options;
  // From source through tsx, from a build as it is.
  const extension = extname(__filename);
  const loader = extension === '.ts' ? ['--import', require.resolve('tsx')] : [];
  const file = join(__dirname, '../..', `${entry}${extension}`);
  const child = spawn(process.execPath, [...loader, file], {
    env: { ...env, ...settings },
    // No `.env` lies there whose settings would join these.
    cwd: dirname(__filename),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const gone = once(child, 'exit');
  const end = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', end);
  if (signal?.aborted) end();
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-4_000);
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const first = once(lines, 'line', { signal: AbortSignal.timeout(READY_LIMIT_MS) });
  const ready = await Promise.race([
    first.then(([line]) => String(line)),
    gone.then(() => undefined),
  ]).catch(() => undefined);
  if (ready === undefined) {
    child.kill('SIGKILL');
    throw new KnownError(`TT6002  ${entry} did not get ready. It said:\n${said}`, 4);
  }
  return {
    ready,
    pid: child.pid ?? 0,
    gone,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}
