import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { portOf } from '../../runtime/addresses';
import { KnownError } from '../../runtime/process';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes';
import { cliRoutes, findCli } from './find-cli';
import { isServerNamed, readTemporalSettings } from '../../temporal/client';
import { unreachable, whyUnreachable } from '../../temporal/tcp-probe';
import { CLI_TYPES } from '../../temporal/search-attributes';
import { launch, PortBusyError, type ServerProcess, type StopSignal } from './server-process';

const NAMED_PROBE_MS = 300;
const BUSY_TRIES = 5;
const BUSY_WAIT_MS = 300;

export interface DevServerOptions {
  /** A file that keeps the data across restarts; absent: memory only. */
  readonly dbFile?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether to use the server that the environment names, if it names one. Default true. */
  readonly attach?: boolean;
  /** Further dynamic configuration of a server that is started: `name=value`. */
  readonly dynamicConfig?: readonly string[];
  /** Whether to serve the Temporal UI. Default false. */
  readonly ui?: boolean;
  /** Receives announcements of slow steps. */
  readonly say?: (line: string) => void;
}

/** A Temporal server for development: one that we started, or one that the environment names. */
export interface DevServer {
  readonly address: string;
  readonly uiAddress?: string;
  readonly namespace: string;
  /** Its origin, for people: `started from PATH (Server 1.32.0)`. */
  readonly origin: string;
  /** The process of a server that we started. Changes with a restart. */
  readonly pid?: number;
  /** Resolves once the process has ended. Only for a server that we started. */
  kill(signal: StopSignal): Promise<void>;
  /** Restarts it with the same ports and file. Only for a server that we started. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Connects to the Temporal server that the environment names, or starts one on free ports of 127.0.0.1.
 *
 * @throws KnownError with exit 4 if the named server is unreachable or no server can be started.
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
      // Two servers on one file would corrupt it.
      await running.kill('SIGTERM');
      // The port is in the ephemeral range, so the connection of a reconnecting client can occupy it briefly.
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

/** Starts the server. While a port is busy, calls `relieve` and tries again. */
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
  const notOurs = () => Promise.reject(new Error(`The server at ${address} was not started by us`));
  return {
    address,
    namespace,
    origin: 'named by the environment',
    kill: notOurs,
    restart: notOurs,
    stop: () => Promise.resolve(),
  };
}

function serverArguments(options: DevServerOptions, ports: Ports): string[] {
  const { dbFile, ui = false, dynamicConfig = [] } = options;
  // One partition makes the queue's rate exact; the pollers' default of 20 a second adds up to 400 ms.
  const dynamic = [
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
    'history.transferProcessorMaxPollRPS=1000',
    'history.visibilityProcessorMaxPollRPS=1000',
    'history.timerProcessorMaxPollRPS=1000',
    ...dynamicConfig,
  ];
  const pragmas = ['journal_mode=wal', 'synchronous=full'];
  const always = ['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'error'];
  return [
    ...always,
    '--port',
    String(ports.grpc),
    ...(ui ? ['--ui-port', String(ports.ui)] : ['--headless']),
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

/** A port that is free now. Another process may take it before we do. */
async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = portOf(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
