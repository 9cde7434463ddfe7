import { startDevServer } from './dev-server/dev-server';

export interface StartTemporalServerOptions {
  /** A file that keeps the data across restarts. Default: memory only. */
  readonly dbFile?: string;
  /** Whether to serve the Temporal UI. Default false. */
  readonly ui?: boolean;
}

/** A Temporal server for tests, on a free port of 127.0.0.1. */
export interface RunningTemporalServer {
  readonly address: string;
  readonly namespace: string;
  /** Only with `ui`. */
  readonly uiAddress?: string;
  /** Resolves once the server has ended. It also ends with this process. */
  stop(): Promise<void>;
}

/**
 * Starts a Temporal server that has our search attributes. It uses the `temporal` command if that is installed, and
 * otherwise downloads it once into the user's cache folder.
 *
 * @throws Error if no server can be started.
 */
export async function startTemporalServer(
  options: StartTemporalServerOptions = {},
): Promise<RunningTemporalServer> {
  // Never a server that the environment names: tests must not write to one in use.
  const { address, namespace, uiAddress, stop } = await startDevServer({
    ...options,
    attach: false,
  });
  return { address, namespace, stop, ...(uiAddress !== undefined && { uiAddress }) };
}
