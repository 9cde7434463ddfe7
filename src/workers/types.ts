import type { DataConverter } from '@temporalio/common';
import type {
  NativeConnection,
  WorkerOptions as SdkWorkerOptions,
  WorkflowBundlePath,
} from '@temporalio/worker';
import type { MayDial } from '../activities';
import type { MonitorOptions } from '../temporal/reachability';
import type { TruedyClient } from '../truedy/client';
import type { WorkerMetrics } from './metrics';

/** Options for programs that run the workers themselves. */
export interface WorkerOptions {
  /** Default: a client with the configured settings. */
  readonly truedy?: TruedyClient;
  /** Called just before every dial. Default: the configured dial check, or always `yes`. */
  readonly mayDial?: MayDial;
  /** How long a workflow task waits for the worker that has the run cached. The SDK's default is 10 s. */
  readonly stickyQueueScheduleToStartTimeout?: string;
  /** How often to ping the server, and the maximum age of its last answer. Default 10 s and 30 s. */
  readonly watch?: Pick<MonitorOptions, 'everyMs' | 'freshMs'>;
  /**
   * A prebuilt workflow bundle, built with the converter paths of the worker's data converter: a bundle ignores the
   * worker's. Default: that of the build; from source, one is built at each start.
   */
  readonly workflowBundle?: WorkflowBundlePath;
}

/** Options of the SDK that both workers take as they are. */
export type SdkOptions = Pick<
  SdkWorkerOptions,
  | 'bundlerOptions'
  | 'debugMode'
  | 'identity'
  | 'interceptors'
  | 'maxCachedWorkflows'
  | 'plugins'
  | 'reuseV8Context'
  | 'sinks'
  | 'stickyQueueScheduleToStartTimeout'
  | 'tuner'
  | 'workerDeploymentOptions'
  | 'workflowThreadPoolSize'
>;

/** Where the workers run, and with which options of the SDK. */
export interface WorkerTemporal extends SdkOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  /** As in every client of the namespace. Default: no encryption. */
  readonly dataConverter?: DataConverter | undefined;
}

/** Receives warnings: our logger, or that of the SDK's runtime. */
export interface WarningLog {
  warn(fields: object, message: string): void;
}

/** The two workers of one process, not yet running. */
export interface Workers {
  /** Resolves once both have stopped. If one fails, stops the other and then rejects. */
  run(): Promise<void>;
  shutdown(): void;
  /** Why they accept no work; empty if they do. */
  because(): readonly string[];
  /** False once one has failed or both have stopped: the process must be restarted. */
  isLive(): boolean;
  readonly metrics: WorkerMetrics;
  /** Whether calls can be listed by phase and our other search attributes. */
  readonly hasSearchAttributes: boolean;
}
