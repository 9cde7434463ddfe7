import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { KnownError } from '../../runtime/process';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { cliRoutes, findCli } from './find-cli';
import { isServerNamed, readTemporalSettings } from '../../temporal/client';
import { whyUnreachable } from '../../temporal/tcp-probe';
import { CLI_TYPES } from '../../temporal/search-attributes';
import { launch, PortBusyError, type ServerProcess, type StopSignal } from './server-process';
import { unreachable } from '../../temporal/unreachable';

const NAMED_PROBE_MS = 300;
const BUSY_TRIES = 5;
const BUSY_WAIT_MS = 300;

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
  /** Where it comes from, for people: `started from PATH (Server 1.32.0)`. */
  readonly origin: string;
  /** The server's own process, another one after a restart. Absent: not ours. */
  readonly pid?: number;
  /** Resolves once it is gone. Only for a server of our own. */
  kill(signal: StopSignal): Promise<void>;
  /** Starts it again on its ports and its file, ending it first where it runs. Only for a server of our own. */
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
  if (attach && isServerNamed(env)) return attachTo(env);
  const { path, route, version } = await findCli(cliRoutes(env, say));
  const start = (ports: Ports) =>
    launch(path, serverArguments(options, ports), `127.0.0.1:${ports.grpc}`);
  let ports = await freePorts();
  let running: ServerProcess = await whileBusy(
    () => start(ports),
    async () => {
      ports = await freePorts();
    },
  );
  return {
    address: `127.0.0.1:${ports.grpc}`,
    ...(options.ui && { uiAddress: `http://127.0.0.1:${ports.ui}` }),
    namespace: 'default',
    origin: `started from ${route} (Server ${version})`,
    get pid() {
      return running.pid;
    },
    kill: (signal) => running.kill(signal),
    restart: async () => {
      // Two servers on one file would ruin it.
      await running.kill('SIGTERM');
      // Clients that redial can hold the port for a moment: it is one that outgoing connections are given.
      running = await whileBusy(
        () => start(ports),
        () => setTimeout(BUSY_WAIT_MS),
      );
    },
    stop: () => running.kill('SIGKILL'),
  };
}

// --- internal ---

interface Ports {
  readonly grpc: number;
  readonly ui: number;
}

/** Starts, and where a port is busy does what may free it and starts again. */
async function whileBusy(
  start: () => Promise<ServerProcess>,
  relieve: () => Promise<void>,
): Promise<ServerProcess> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof PortBusyError) || tries === BUSY_TRIES) throw error;
      await relieve();
    }
  }
}

async function attachTo(env: NodeJS.ProcessEnv): Promise<DevServer> {
  const settings = readTemporalSettings(env);
  const { address, namespace } = settings;
  const why = await whyUnreachable(address, NAMED_PROBE_MS);
  if (why !== undefined) throw new KnownError(unreachable(settings, why), 4);
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

function serverArguments({ dbFile, ui = false }: DevServerOptions, ports: Ports): string[] {
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
    'error',
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

async function freePorts(): Promise<Ports> {
  return { grpc: await freePort(), ui: await freePort() };
}

/** A port that is free now; somebody may take it in between. */
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
