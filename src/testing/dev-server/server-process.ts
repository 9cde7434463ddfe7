import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { KnownError } from '../../runtime/process';

const START_LIMIT_MS = 30_000;
const SAID_LIMIT = 2_000;

export type StopSignal = 'SIGKILL' | 'SIGTERM';

/** A server that was started and has served. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves once it is gone, at once where it is already. */
  kill(signal: StopSignal): Promise<void>;
}

/** Another process listens on a port that was meant for the server. */
export class PortBusyError extends KnownError {
  override readonly name = 'PortBusyError';
}

// Runs one command and ends it when the process that started this one is gone: its end of the pipe to
// our standard input closes then, whatever killed it, where a signal would never reach us. Nobody may be
// left to read the id of the command, which must not end the keeper before it; whatever ends the keeper,
// the command goes too. The command's stdout joins its stderr: the server's UI reports a busy port there.
// It is text and no file, since a compiler copies no file that it does not compile.
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
 * @throws PortBusyError where another process holds a port; KnownError where it ends or never serves.
 */
export async function launch(
  path: string,
  args: readonly string[],
  address: string,
): Promise<ServerProcess> {
  // In a group of its own, so that Ctrl-C in a terminal leaves the server up while its user tidies up.
  const keeper = spawn(process.execPath, ['-e', KEEPER, '--', path, ...args], {
    stdio: 'pipe',
    detached: true,
  });
  // The beginning is kept: a panic gives its reason first, and then a long stack.
  let said = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(0, SAID_LIMIT);
  });
  let isGone = false;
  // The server shares the keeper's stderr: this closes only when both have ended.
  const gone = new Promise<void>((resolve) => {
    keeper.once('close', () => {
      isGone = true;
      resolve();
    });
  });
  const pid = await Promise.race([pidFrom(keeper.stdout), gone.then(() => undefined)]);
  if (pid === undefined) throw endedEarly(path, said);

  const streams = [keeper.stdin, keeper.stdout, keeper.stderr];
  const sockets = streams.filter((stream) => stream instanceof Socket);
  const kill = async (signal: StopSignal) => {
    if (isGone) return;
    for (const handle of [keeper, ...sockets]) handle.ref();
    send(pid, signal);
    await gone;
  };
  try {
    await Promise.race([untilServing(address, () => isGone), gone]);
    // On a busy port it is another server that answers, while ours has ended.
    if (isGone) throw endedEarly(path, said);
  } catch (error) {
    await kill('SIGKILL');
    throw error;
  }
  // It must not keep a program alive that has nothing else to do.
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

function endedEarly(path: string, said: string): KnownError {
  const [why = ''] = said.trim().split('\n');
  const text = `${path} ended before it served: ${why || 'it said nothing'}`;
  return said.includes('address already in use')
    ? new PortBusyError(text, 4)
    : new KnownError(text, 4);
}

function send(pid: number, signal: StopSignal): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It may have ended a moment ago.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Looked at by its field: an error of Node's core can be of another realm than ours. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

async function untilServing(address: string, hasEnded: () => boolean): Promise<void> {
  const endMs = Date.now() + START_LIMIT_MS;
  const connection = Connection.lazy({
    address,
    connectTimeout: START_LIMIT_MS,
    // gRPC would wait a second after the first refusal.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 100 },
  });
  try {
    for (;;) {
      const served = await connection
        // The namespace is made a little after the port opens.
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
