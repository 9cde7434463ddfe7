import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { codeOf, KnownError } from '../../runtime/process';

const START_LIMIT_MS = 30_000;
const OUTPUT_LIMIT = 2_000;

export type StopSignal = 'SIGKILL' | 'SIGTERM';

/** A server that has started to serve. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves once the process has ended. */
  kill(signal: StopSignal): Promise<void>;
}

/** Another process listens on a port of the server. */
export class PortBusyError extends KnownError {
  override readonly name = 'PortBusyError';
}

// Runs one command and kills it when the parent process has ended: the pipe to the keeper's stdin then closes,
// even if the parent was killed. A parent that ends early no longer reads the command's id, and the error of
// that write must not end the keeper before the command. The command's stdout joins its stderr, because the
// server's UI reports a busy port on stdout. This is a string, since the build copies only compiled files.
const KEEPER = `
const { spawn } = require('node:child_process');
const [command, ...args] = process.argv.slice(1);
process.stdout.on('error', () => {});
const child = spawn(command, args, { stdio: ['ignore', 2, 2] });
child.on('spawn', () => process.stdout.write(child.pid + '\\n'));
child.on('error', (error) => { process.stderr.write(error.message); process.exit(127); });
child.on('exit', () => process.exit());
process.stdin.on('close', () => child.kill('SIGKILL')).resume();
process.on('exit', () => child.kill('SIGKILL'));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill('SIGTERM'));
`;

/**
 * Starts the server under a keeper and waits until it serves.
 *
 * @throws PortBusyError if a port is busy; KnownError if the server ends or never serves.
 */
export async function launch(
  path: string,
  args: readonly string[],
  address: string,
): Promise<ServerProcess> {
  // In its own process group, so that the server survives Ctrl-C while its user cleans up.
  const keeper = spawn(process.execPath, ['-e', KEEPER, '--', path, ...args], {
    stdio: 'pipe',
    detached: true,
  });
  // Only the start is kept: a panic prints its reason first, then a long stack.
  let output = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
    output = `${output}${text}`.slice(0, OUTPUT_LIMIT);
  });
  let hasEnded = false;
  // The server shares the keeper's stderr: this closes only when both have ended.
  const ended = new Promise<void>((resolve) => {
    keeper.once('close', () => {
      hasEnded = true;
      resolve();
    });
  });
  const pid = await Promise.race([pidFrom(keeper.stdout), ended.then(() => undefined)]);
  if (pid === undefined) throw endedEarly(path, output);

  const streams = [keeper.stdin, keeper.stdout, keeper.stderr];
  const sockets = streams.filter((stream) => stream instanceof Socket);
  const kill = async (signal: StopSignal) => {
    if (hasEnded) return;
    for (const handle of [keeper, ...sockets]) handle.ref();
    send(pid, signal);
    await ended;
  };
  try {
    await Promise.race([untilServing(address, () => hasEnded), ended]);
    // With a busy port, another server responds while ours has ended.
    if (hasEnded) throw endedEarly(path, output);
  } catch (error) {
    await kill('SIGKILL');
    throw error;
  }
  // The server must not keep this program alive.
  for (const handle of [keeper, ...sockets]) handle.unref();
  return { pid, kill };
}

// --- internal ---

async function pidFrom(output: NodeJS.ReadableStream): Promise<number> {
  const lines = createInterface(output);
  const [line] = await once(lines, 'line');
  lines.close();
  return Number(line);
}

function endedEarly(path: string, output: string): KnownError {
  const [why = ''] = output.trim().split('\n');
  const text = `${path} ended before it served: ${why || 'it printed nothing'}`;
  return output.includes('address already in use')
    ? new PortBusyError(text, 4)
    : new KnownError(text, 4);
}

function send(pid: number, signal: StopSignal): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have just ended.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function untilServing(address: string, hasEnded: () => boolean): Promise<void> {
  const endMs = Date.now() + START_LIMIT_MS;
  const connection = Connection.lazy({
    address,
    connectTimeout: START_LIMIT_MS,
    // The default would wait a second after the first refusal.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 100 },
  });
  try {
    for (;;) {
      const served = await connection
        // The server creates the namespace shortly after it opens the port.
        .withDeadline(Date.now() + 1_000, () =>
          connection.workflowService.describeNamespace({ namespace: 'default' }),
        )
        .then(
          () => true,
          () => false,
        );
      if (served || hasEnded()) return;
      if (Date.now() >= endMs) {
        throw new KnownError(`The server at ${address} did not serve in 30 s`, 4);
      }
      await new Promise((again) => setTimeout(again, 100));
    }
  } finally {
    await connection.close();
  }
}
