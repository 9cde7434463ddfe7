import type { NativeConnection } from '@temporalio/worker';
import type { Workers } from './types';

/** One user's part in a set of workers that several users share. */
export interface Membership {
  /** Rejects if the set fails. Otherwise resolves once it has stopped. */
  readonly ended: Promise<void>;
  /**
   * Ends this part. The last user to leave stops the set and waits for it; the others do not wait.
   *
   * @throws The error of the set, if it has failed.
   */
  leave(): Promise<void>;
}

/** What the users of one set must agree on. */
export interface SharedWorkersOptions {
  readonly connection: NativeConnection;
  /** Sets with different keys are separate: namespace and task queues. */
  readonly key: string;
  /** Whether a later user can join the set that an earlier one has started with these settings. */
  readonly accepts: (settings: unknown) => boolean;
  readonly settings: unknown;
  readonly create: () => Promise<Workers>;
}

/**
 * Joins the set of workers of this connection and key, or starts one. The server connection refuses a second pair of
 * workers on the same queues.
 *
 * @throws Error if the set runs with settings that `accepts` rejects.
 */
export function joinSharedWorkers(options: SharedWorkersOptions): Membership {
  const { connection, key, accepts, settings, create } = options;
  const sets = SETS.get(connection) ?? new Map<string, WorkerSet>();
  SETS.set(connection, sets);
  const current = sets.get(key);
  const set =
    current === undefined || current.isStopping
      ? new WorkerSet(settings, create, current?.ended)
      : current;
  if (!accepts(set.settings)) {
    throw new Error(
      'Two TruedyPlugins with different settings or mayDial functions use the same connection and task queues. ' +
        'Fix: give both workers the same TruedyPlugin, or give one its own taskQueue and apiTaskQueue.',
    );
  }
  sets.set(key, set);
  return set.join();
}

// --- internal ---

const SETS = new WeakMap<NativeConnection, Map<string, WorkerSet>>();

class WorkerSet {
  readonly ended: Promise<void>;
  isStopping = false;
  private users = 0;
  private workers: Workers | undefined;
  private failure: { readonly error: unknown } | undefined;

  constructor(
    readonly settings: unknown,
    create: () => Promise<Workers>,
    previous: Promise<void> | undefined,
  ) {
    this.ended = this.run(create, previous);
    // Each member reports the error; without members, none is left to do so.
    this.ended.catch(() => undefined);
  }

  join(): Membership {
    this.users += 1;
    return { ended: this.ended, leave: () => this.leave() };
  }

  private async run(create: () => Promise<Workers>, previous: Promise<void> | undefined) {
    try {
      // Its workers occupy the queues until they have stopped. Their error is reported by their own users.
      await previous?.catch(() => undefined);
      if (this.isStopping) return;
      this.workers = await create();
      // Workers that were created must run: otherwise they would hold the connection forever.
      const running = this.workers.run();
      if (this.isStopping) this.workers.shutdown();
      await running;
    } catch (error) {
      this.failure = { error };
      throw error;
    } finally {
      this.isStopping = true;
    }
  }

  private async leave(): Promise<void> {
    this.users -= 1;
    if (this.users === 0) {
      this.isStopping = true;
      this.workers?.shutdown();
      await this.ended;
    }
    if (this.failure !== undefined) throw this.failure.error;
  }
}
