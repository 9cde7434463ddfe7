import { spawn, type ChildProcess } from 'node:child_process';

const MAX_OUTPUT = 1_000_000;
const children = new Set<ChildProcess>();

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  /** The end of stdout and stderr, in the order of arrival. */
  readonly output: string;
  readonly stdout: string;
  readonly timedOut: boolean;
}

/** Runs a command in its own process group, and kills the whole group at the end or after the limit. */
export function start(
  [command = '', ...args]: readonly string[],
  cwd: string,
  limitMs: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, CI: 'true', FORCE_COLOR: '0', ...settings },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = `${stdout}${text}`.slice(-MAX_OUTPUT);
    output = `${output}${text}`.slice(-MAX_OUTPUT);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = `${output}${text}`.slice(-MAX_OUTPUT);
  });
  let timedOut = false;
  const limit = setTimeout(() => {
    timedOut = true;
    kill(child);
  }, limitMs);
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output, stdout, timedOut }));
  }).finally(() => {
    clearTimeout(limit);
    // Kills processes that the command left behind.
    kill(child);
    children.delete(child);
  });
}

/** Kills every running command. */
export function killAll(): void {
  for (const child of children) kill(child);
}

// --- internal ---

function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}
