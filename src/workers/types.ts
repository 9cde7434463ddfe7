import type { WorkflowBundlePath } from '@temporalio/worker';
import type { MayDial } from '../activities';
import type { WatchOptions } from '../temporal/reachability';
import type { TruedyClient } from '../truedy/client';
import type { WorkerMetrics } from './metrics';

/** What a program of its own may change about the workers it runs. */
export interface WorkerOptions {
  /** Default: one by the settings. */
  readonly truedy?: TruedyClient;
  /** Asked just before every dial. Default: always yes. */
  readonly mayDial?: MayDial;
  /** How long an event waits for the worker that holds the run in its cache. The SDK's default is 10 s. */
  readonly stickyQueueScheduleToStartTimeout?: string;
  /** How often the server is pinged, and how old its last answer may be. Default 10 s and 30 s. */
  readonly watch?: Pick<WatchOptions, 'everyMs' | 'freshMs'>;
  /** The workflows, bundled before. Default: those of the build; from source they are bundled at each start. */
  readonly workflowBundle?: WorkflowBundlePath;
}

/** The two workers of one process, not yet running. */
export interface Workers {
  /** Resolves once both have stopped; rejects when one fails. */
  run(): Promise<void>;
  shutdown(): void;
  /** Why they would take no work now; empty when they would. */
  because(): readonly string[];
  /** False once one has failed or both have stopped: nothing will come of this process any more. */
  isLive(): boolean;
  readonly metrics: WorkerMetrics;
  /** Whether lists of the namespace tell the phase of a call. */
  readonly hasSearchAttributes: boolean;
}
