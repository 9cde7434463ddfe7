import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const LOOK_EVERY_MS = 250;
/** The shell that npm runs a script in; it passes no signal on. */
const SHELL = /(^|\/)\w*sh$/;
const TEMPORAL = /(^|\/)temporal$/;

// As early as can be: it may be gone before anybody asks.
const parent = process.ppid;

/**
 * Calls back once the command that runs this process is gone: `temporal`, or npm with the shell between.
 * Both can end without a signal for us. Any other parent may leave it behind on purpose, as a shell does
 * after `nohup`, and is not looked at.
 *
 * @returns Ends the looking.
 */
export function whenLeft(env: NodeJS.ProcessEnv, left: () => void): () => void {
  const isHere = runnerOf(env);
  if (isHere === undefined) return () => undefined;
  const timer = setInterval(() => {
    if (isHere()) return;
    clearInterval(timer);
    left();
  }, LOOK_EVERY_MS).unref();
  return () => clearInterval(timer);
}

// --- internal ---

/** Tells whether the command is still there; nothing where none runs this process. */
function runnerOf(env: NodeJS.ProcessEnv): (() => boolean) | undefined {
  const isParentHere = () => process.ppid === parent;
  const seen = look(parent);
  if (seen === undefined) return undefined;
  if (TEMPORAL.test(seen.name)) return isParentHere;
  if (env['npm_lifecycle_event'] === undefined) return undefined;
  if (!SHELL.test(seen.name)) return isParentHere;
  return () => isParentHere() && look(parent)?.parent === seen.parent;
}

function look(pid: number): { readonly name: string; readonly parent: number } | undefined {
  const [line, pattern] = existsSync('/proc/self/stat')
    ? [readLine(`/proc/${pid}/stat`), /\((?<name>.*)\) \S (?<parent>\d+)/]
    : [askPs(pid), /^ *(?<parent>\d+) +(?<name>.*\S)/];
  const { name, parent } = pattern.exec(line)?.groups ?? {};
  return name === undefined ? undefined : { name, parent: Number(parent) };
}

function readLine(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It is gone.
    return '';
  }
}

function askPs(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    // It is gone, or this system has no such command.
    return '';
  }
}
