import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@temporalio/client';
import { KnownError } from '../process';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';
import { cliRoutes, findCli } from './cli-path';
import { readTemporalSettings } from './client';
import { unreachable } from './unreachable';

const START_LIMIT_MS = 30_000;
const NAMED_PROBE_MS = 300;

export interface DevServerOptions {
  /** Where data are kept over a restart; absent: in memory. */
  readonly dbFile?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether a server that the environment names is used instead of one of our own. Default true. */
  readonly attach?: boolean;
  /** Whether the server shows the Temporal UI. Default false. */
  readonly ui?: boolean;
  /** What takes long is announced here. */
  readonly say?: (line: string) => void;
}

/** A Temporal server for development, of our own or one that was named. */
export interface DevServer {
  readonly address: string;
  readonly uiAddress?: string;
  readonly namespace: string;
  /** Where it comes from, for people: `started from PATH`. */
  readonly origin: string;
  /** Resolves once it is gone. Only for a server of our own. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again on its ports and its file. Only for a server of our own. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Finds or starts a Temporal server: one the environment names, else one of our own on free ports of 127.0.0.1.
 *
 * @throws KnownError with exit 4: the named one does not answer, or none can be had.
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const { env = process.env, attach = true, say = () => undefined } = options;
  if (attach && isNamed(env)) return attachTo(env);
  const { path, route } = await findCli(cliRoutes(env, say));
  const ports = { grpc: await freePort(), ui: await freePort() };
  const args = serverArguments(options, ports);
  let running = await launch(path, args, ports.grpc);
  const kill = async (signal: 'SIGKILL' | 'SIGTERM') => {
    await running.kill(signal);
  };
  return {
    address: `127.0.0.1:${ports.grpc}`,
    ...(options.ui && { uiAddress: `http://127.0.0.1:${ports.ui}` }),
    namespace: 'default',
    origin: `started from ${route}`,
    kill,
    restart: async () => {
      running = await launch(path, args, ports.grpc);
    },
    stop: () => kill('SIGKILL'),
  };
}

// --- internal ---

function isNamed(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['TEMPORAL_ADDRESS'] || env['TEMPORAL_PROFILE']);
}

async function attachTo(env: NodeJS.ProcessEnv): Promise<DevServer> {
  const { address, namespace } = readTemporalSettings(env);
  const [host = '127.0.0.1', port = '7233'] = address.split(':');
  // Connecting to a dead port takes gRPC ten seconds and says little.
  const socket = connect({ host, port: Number(port), timeout: NAMED_PROBE_MS });
  const answers = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('timeout', () => resolve(false));
  });
  socket.destroy();
  if (!answers) throw new KnownError(unreachable(address), 4);
  const notOurs = () => Promise.reject(new Error(`The server at ${address} is not ours`));
  return {
    address,
    namespace,
    origin: 'named by the environment',
    kill: notOurs,
    restart: notOurs,
    stop: () => Promise.resolve(),
  };
}

function serverArguments(
  { dbFile, ui = false }: DevServerOptions,
  ports: { readonly grpc: number; readonly ui: number },
): string[] {
  // One partition makes the queue's rate exact; the pollers' default of 20 a second adds up to 400 ms.
  const dynamic = [
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'history.transferProcessorMaxPollRPS=1000',
    'history.visibilityProcessorMaxPollRPS=1000',
    'history.timerProcessorMaxPollRPS=1000',
  ];
  const pragmas = ['journal_mode=wal', 'synchronous=full'];
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(ports.grpc),
    ...(ui ? ['--ui-port', String(ports.ui)] : ['--headless']),
    '--log-level',
    'never',
    ...dynamic.flatMap((setting) => ['--dynamic-config-value', setting]),
    ...SEARCH_ATTRIBUTES.flatMap(({ name, type }) => [
      '--search-attribute',
      `${name}=${CLI_TYPES[type]}`,
    ]),
    ...(dbFile === undefined
      ? []
      : ['--db-filename', dbFile, ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])]),
  ];
}

const CLI_TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', INT: 'Int' } as const;

/** Starts the server under a keeper and waits until it serves. */
async function launch(path: string, args: readonly string[], port: number) {
  const keeper = spawn(process.execPath, [join(__dirname, 'keeper.cjs'), path, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const pid = await serverPid(keeper);
  const gone = once(keeper, 'exit');
  const kill = async (signal: 'SIGKILL' | 'SIGTERM') => {
    keeper.ref();
    if (keeper.exitCode === null) process.kill(pid, signal);
    await gone;
  };
  try {
    await Promise.race([
      untilServing(`127.0.0.1:${port}`),
      gone.then(() => Promise.reject(new KnownError(`${path} ended before it served`, 4))),
    ]);
  } catch (error) {
    await kill('SIGKILL');
    throw error;
  }
  // It must not keep a program alive that has nothing else to do.
  keeper.unref();
  return { kill };
}

async function serverPid(keeper: ChildProcess): Promise<number> {
  if (keeper.stdout === null) throw new Error('The keeper has no output');
  const lines = createInterface(keeper.stdout);
  const [line] = await once(lines, 'line');
  lines.close();
  return Number(line);
}

async function untilServing(address: string): Promise<void> {
  const endMs = Date.now() + START_LIMIT_MS;
  const connection = Connection.lazy({ address, connectTimeout: START_LIMIT_MS });
  try {
    for (;;) {
      try {
        // The namespace is made a little after the port opens.
        await connection.withDeadline(Date.now() + 1_000, () =>
          connection.workflowService.describeNamespace({ namespace: 'default' }),
        );
        return;
      } catch (error) {
        if (Date.now() >= endMs) {
          throw new KnownError(`The server at ${address} did not serve in 30 s`, 4, {
            cause: error,
          });
        }
        await new Promise((again) => setTimeout(again, 100));
      }
    }
  } finally {
    await connection.close();
  }
}

/** A port that is free now. Whoever takes it in between makes the start fail, which is told. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address: AddressInfo | string | null = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}
