import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

const ENV_FILE = '.env';
const NAME_IN_LINE = /^\s*(?:export\s+)?([^\s=]+)\s*=/;

/** A fault that somebody has to mend before a process can run: its text is all that is shown of it. */
export class KnownError extends Error {
  override readonly name: string = 'KnownError';

  constructor(
    message: string,
    /** As documented for the command line; 3 means settings. */
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Settings are missing or wrong. Names every one of them and never repeats a secret. */
export class SettingsError extends KnownError {
  override readonly name = 'SettingsError';

  constructor(message: string) {
    super(message, 3);
  }
}

/** Runs a process: known faults are told and set the exit, anything else is a bug of ours and exits with 1. */
export function runMain(main: () => Promise<void>): void {
  main().then(
    () => process.exit(process.exitCode ?? 0),
    (error: unknown) => {
      const told = error instanceof KnownError ? error.message : bugText(error);
      process.stderr.write(`${told}\n`);
      process.exit(error instanceof KnownError ? error.exitCode : 1);
    },
  );
}

/**
 * Resolves once the process is asked to stop, after `close`. A second signal leaves at once.
 *
 * A parent that started this process with an IPC channel stops it by dying, too.
 *
 * @param ready The one line that says the process is ready: told once it can be stopped.
 */
export async function untilStopped(close: () => Promise<void>, ready?: string): Promise<void> {
  await new Promise<void>((stop) => {
    let asked = false;
    const ask = () => {
      if (asked) process.exit(130);
      asked = true;
      stop();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
    process.on('disconnect', ask);
    // It may have died while this process was still starting.
    if (process.send !== undefined && !process.connected) ask();
    // Whoever reads this line may stop the process at once.
    if (ready !== undefined) process.stdout.write(`${ready}\n`);
  });
  await close();
}

/** Loads `.env` of the folder it is started in, where there is one; the real environment wins. */
export function loadEnvironment(): NodeJS.ProcessEnv {
  if (existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
  return process.env;
}

/**
 * Where a variable's value comes from: `env`, or `.env:LINE` where the file says the same.
 *
 * @returns `undefined` where it is not set at all.
 */
export function sourceOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const file = existsSync(ENV_FILE) ? readFileSync(ENV_FILE, 'utf8') : '';
  if (parseEnv(file)[name] !== value) return 'env';
  // Of two lines for one name the later counts.
  const line = file.split('\n').findLastIndex((text) => NAME_IN_LINE.exec(text)?.[1] === name);
  return `${ENV_FILE}:${line + 1}`;
}

function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug of temporal-truedy; please report it.\n${text}`;
}
