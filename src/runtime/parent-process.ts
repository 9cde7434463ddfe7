import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const POLL_INTERVAL_MS = 250;
/** npm runs scripts through a shell, which does not forward signals. */
const SHELL = /(^|\/)\w*sh$/;
const TEMPORAL = /(^|\/)temporal$/;

// Read when this module loads, because the parent may exit soon afterwards.
const parent = process.ppid;

/**
 * Calls `onExit` when the command that runs this process exits: `temporal`, or npm with its shell. Both can exit
 * without sending us a signal. Any other parent is ignored, because it may detach this process, as with `nohup`.
 *
 * @returns Stops polling.
 */
export function onRunnerExit(env: NodeJS.ProcessEnv, onExit: () => void): () => void {
  const isRunning = findRunner(env);
  if (isRunning === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (isRunning()) return;
    clearInterval(timer);
    onExit();
  }, POLL_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

// --- internal ---

/** Returns a check that the command is still running. `undefined` if neither npm nor `temporal` runs this process. */
function findRunner(env: NodeJS.ProcessEnv): (() => boolean) | undefined {
  const isParentRunning = () => process.ppid === parent;
  const found = readProcess(parent);
  if (found === undefined) return undefined;
  if (TEMPORAL.test(found.name)) return isParentRunning;
  if (env['npm_lifecycle_event'] === undefined) return undefined;
  if (!SHELL.test(found.name)) return isParentRunning;
  return () => isParentRunning() && readProcess(parent)?.parent === found.parent;
}

function readProcess(pid: number): { readonly name: string; readonly parent: number } | undefined {
  try {
    const [line, pattern] = existsSync('/proc/self/stat')
      ? [readFileSync(`/proc/${pid}/stat`, 'utf8'), /\((?<name>.*)\) \S (?<parent>\d+)/]
      : [runPs(pid), /^ *(?<parent>\d+) +(?<name>.*\S)/];
    const { name, parent } = pattern.exec(line)?.groups ?? {};
    return name === undefined ? undefined : { name, parent: Number(parent) };
  } catch {
    // The process has exited, or this system has no `ps`.
    return undefined;
  }
}

function runPs(pid: number): string {
  return execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
}
