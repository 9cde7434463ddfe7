import { spawn, type ChildProcess } from 'node:child_process';

const MOST_TEXT = 1_000_000;
const children = new Set<ChildProcess>();

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  /** All that it printed. */
  readonly said: string;
  readonly stdout: string;
  readonly isOverdue: boolean;
}

/** Runs a command in a group of its own, so that what it starts ends with it, and ends it after the limit. */
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
  let said = '';
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout = `${stdout}${text}`.slice(-MOST_TEXT);
    said = `${said}${text}`.slice(-MOST_TEXT);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-MOST_TEXT);
  });
  let isOverdue = false;
  const limit = setTimeout(() => {
    isOverdue = true;
    end(child);
  }, limitMs);
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said, stdout, isOverdue }));
  }).finally(() => {
    clearTimeout(limit);
    // Whatever it left behind is of its group.
    end(child);
    children.delete(child);
  });
}

/** Ends every command that runs. */
export function endAll(): void {
  for (const child of children) end(child);
}

// --- internal ---

function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The whole group is gone.
  }
}
