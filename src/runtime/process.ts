import { printable } from '../call/text/characters';
import { ENV_FILE, hiddenProblems, lineOf, misdirectedSecrets, readEnvFile } from './env-file';
import { onRunnerExit } from './parent-process';
import { TextFileError } from './text-file';

/** Signals this close together count as one: a terminal sends Ctrl-C to npm and to us, and npm forwards its own. */
const SAME_REQUEST_MS = 500;

/** An error that the user can fix. Only its message is printed, without a stack. */
export class KnownError extends Error {
  override readonly name: string = 'KnownError';

  constructor(
    message: string,
    /** As documented for the command line. */
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Settings are missing or invalid. The message names each of them and never contains a secret. */
export class SettingsError extends KnownError {
  override readonly name = 'SettingsError';

  constructor(message: string) {
    super(message, 3);
  }
}

/** The process cannot listen at the address that these settings name. `cause`: the error of `listen`, or a text. */
export function cannotListen(settings: string, cause: unknown): SettingsError {
  return wrongSettingsError(
    [`${settings} cannot be used: ${String(codeOf(cause) ?? cause)}`],
    'Each process needs its own address and port. To list those in use:  ss -ltnp',
  );
}

/** The `code` of an error. Read without `instanceof`: an error of Node's core can come from another realm. */
export function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/** The error for wrong settings. Each problem names its setting and does not quote its value. */
export function wrongSettingsError(
  problems: readonly string[],
  fix = 'temporal truedy config show',
): SettingsError {
  const count = problems.length === 1 ? '1 setting is' : `${problems.length} settings are`;
  return new SettingsError(`TT2001  ${count} wrong: ${problems.join(' · ')}\n        ${fix}`);
}

/** Runs a process. A `KnownError` is printed and sets the exit code. Any other error is a bug and exits with 1. */
export function runMain(main: () => Promise<void>): void {
  main().then(
    () => process.exit(process.exitCode ?? 0),
    (error: unknown) => {
      const text = error instanceof KnownError ? error.message : bugText(error);
      process.stderr.write(`${printable(text)}\n`);
      process.exit(error instanceof KnownError ? error.exitCode : 1);
    },
  );
}

/**
 * Waits for a request to stop, then runs `close`.
 *
 * @param ready Printed once the process can be stopped, to report that it is ready.
 */
export async function untilStopped(close: () => Promise<void>, ready?: string): Promise<void> {
  const stopRequested = waitForStopRequest();
  // The reader of this line may stop the process immediately.
  if (ready !== undefined) process.stdout.write(`${ready}\n`);
  await stopRequested;
  await close();
}

/**
 * Resolves on the first SIGINT or SIGTERM. A later one exits immediately with 130.
 *
 * Also resolves when a parent with an IPC channel exits, or the command that runs this process (see `onRunnerExit`).
 *
 * @param signal Removes the listeners. The promise then never settles.
 */
export function waitForStopRequest({
  signal,
}: { readonly signal?: AbortSignal } = {}): Promise<void> {
  return new Promise((resolve) => {
    let requestedMs: number | undefined;
    const request = () => {
      requestedMs ??= performance.now();
      resolve();
    };
    const onSignal = () => {
      const sinceMs = requestedMs === undefined ? 0 : performance.now() - requestedMs;
      if (sinceMs > SAME_REQUEST_MS) process.exit(130);
      request();
    };
    const stopWatching = onRunnerExit(process.env, request);
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('disconnect', request);
    signal?.addEventListener('abort', () => {
      stopWatching();
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('disconnect', request);
    });
    // The parent may have exited during startup. `connected` exists only with an IPC channel.
    if ('connected' in process && !process.connected) request();
  });
}

/**
 * Loads `.env` of the current folder into the environment. Variables that are already set take precedence.
 *
 * @throws SettingsError if the file is not UTF-8, has an invisible character in a setting, or names a server to which
 * a secret of the environment would be sent.
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

/** The environment as it is. In a program that embeds us, `.env` is for the program to load. */
export function currentEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** The source of a variable: `.env:LINE` if the file contains its value, else `env`; `undefined` if it is unset. */
export function sourceOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  if (value === undefined) return undefined;
  const file = usableEnvFile();
  return file.values[name] === value ? lineOf(file, name) : 'env';
}

// --- internal ---

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
