import { printable } from '../call/text/characters';
import { ENV_FILE, hiddenProblems, misdirectedSecrets, placeOf, readEnvFile } from './env-file';
import { whenLeft } from './parent-process';
import { TextFileError } from './text-file';

/** Signals so close together are one wish: a terminal sends Ctrl-C to npm and to us, and npm passes its own on. */
const ONE_WISH_MS = 500;

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

/** A setting names a place to listen at that cannot be had. `cause`: a word for it, or what `listen` failed with. */
export function cannotListen(settings: string, cause: unknown): SettingsError {
  const why = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : cause;
  return new SettingsError(
    `TT2001  1 setting is wrong: ${settings} cannot be used: ${String(why)}\n` +
      '        Each process listens at a place of its own; who listens where:  ss -ltnp',
  );
}

/** Runs a process: known faults are told and set the exit, anything else is a bug of ours and exits with 1. */
export function runMain(main: () => Promise<void>): void {
  main().then(
    () => process.exit(process.exitCode ?? 0),
    (error: unknown) => {
      const told = error instanceof KnownError ? error.message : bugText(error);
      process.stderr.write(`${printable(told)}\n`);
      process.exit(error instanceof KnownError ? error.exitCode : 1);
    },
  );
}

/**
 * Resolves once the process is asked to stop, after `close`.
 *
 * @param ready The one line that says the process is ready: told once it can be stopped.
 */
export async function untilStopped(close: () => Promise<void>, ready?: string): Promise<void> {
  const asked = askedToStop();
  // Whoever reads this line may stop the process at once.
  if (ready !== undefined) process.stdout.write(`${ready}\n`);
  await asked;
  await close();
}

/**
 * Resolves once the process is asked to stop. Another signal after that leaves at once, with 130.
 *
 * A parent that started this process with an IPC channel stops it by dying, too, and so does the command
 * that runs it (see `whenLeft`).
 *
 * @param signal Ends the listening; the promise then stays open.
 */
export function askedToStop({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    const ask = () => {
      askedMs ??= performance.now();
      resolve();
    };
    const onSignal = () => {
      if (askedMs !== undefined && performance.now() - askedMs > ONE_WISH_MS) process.exit(130);
      ask();
    };
    const endLooking = whenLeft(process.env, ask);
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('disconnect', ask);
    signal?.addEventListener('abort', () => {
      endLooking();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('disconnect', ask);
    });
    // The parent may have died while this process was still starting. Without a channel there is no such field.
    if ('connected' in process && !process.connected) ask();
  });
}

/**
 * Loads `.env` of the folder it is started in, where there is one; the real environment wins.
 *
 * @throws SettingsError where the file is not UTF-8, hides a character in a setting, or names the server
 * that a secret of the real environment would be sent to.
 */
export function loadEnvironment(): NodeJS.ProcessEnv {
  const file = usableEnvFile();
  const problems = [...hiddenProblems(file), ...misdirectedSecrets(file, process.env)];
  if (problems.length > 0) {
    throw new SettingsError(`TT2001  ${problems.join(' · ')}\n        cat -A ${ENV_FILE}`);
  }
  for (const [name, value] of Object.entries(file.values)) process.env[name] ??= value;
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
  const file = usableEnvFile();
  return file.values[name] === value ? placeOf(file, name) : 'env';
}

function usableEnvFile() {
  try {
    return readEnvFile();
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new SettingsError(`TT2001  ${ENV_FILE} ${error.problem}\n        ${error.fix}`);
  }
}

function bugText(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a bug of temporal-truedy; please report it.\n${text}`;
}
