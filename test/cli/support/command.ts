import { tmpdir } from 'node:os';
import { runProgram } from '../../../src/cli/program';
import { testAddress } from '../../support/temporal';

/** The output of a command and its exit code. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command line in this process against the shared test server, ignoring any `.env` and `temporal.toml`. Must not
 * run concurrently, because it changes the environment of the process.
 */
export async function command(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Ran> {
  const output = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += String(text);
      return true;
    }),
  );
  const [before, folder] = [{ ...process.env }, process.cwd()];
  const ours = {
    TEMPORAL_ADDRESS: testAddress(),
    TEMPORAL_NAMESPACE: 'default',
    // Ignores the developer's own config file.
    TEMPORAL_CONFIG_FILE: undefined,
    HOME: tmpdir(),
    XDG_CONFIG_HOME: tmpdir(),
  };
  process.chdir(tmpdir());
  setEnvironment({ ...before, ...ours, ...env });
  try {
    return { exit: await runProgram(argv), ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
    setEnvironment(before);
    process.chdir(folder);
  }
}

/** The error object that the command printed on stderr. */
export function errorIn({ stderr }: Ran): Record<string, unknown> {
  const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
  return error;
}

function setEnvironment(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) {
    if (env[name] === undefined) delete process.env[name];
  }
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined) process.env[name] = value;
  }
}
