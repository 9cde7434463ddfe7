import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Child } from '../../src/cli/demo/child';
import type { Cluster } from '../faults/support/cluster';

export const QUEUE = 'chaos';
const WORKERS = 4;
/** The maximum number of frozen workers, so that the others can continue. */
const MAX_FROZEN = 2;
const STOP_POLL_MS = 100;

interface Slot {
  child: Child | undefined;
  isFrozen: boolean;
}

/** Starts several worker processes on the same queues, each with its own clock. */
export async function startFleet(
  cluster: Cluster,
  skewOf: (worker: number) => number,
  {
    inSequence,
    closing,
    log,
    settings: own,
  }: {
    inSequence: <T>(act: () => Promise<T>) => Promise<T>;
    closing: AbortSignal;
    log: (line: string) => void;
    /** Further settings of every worker. */
    settings: Readonly<Record<string, string>>;
  },
) {
  const bundle = join(cluster.folder, 'workflow-bundle.js');
  await writeFile(bundle, await bundled());
  const faketime = findFaketime();
  let started = 0;
  const slots: Slot[] = Array.from({ length: WORKERS }, () => ({
    child: undefined,
    isFrozen: false,
  }));

  async function start(slot: Slot): Promise<void> {
    const skewMs = skewOf(started);
    started += 1;
    const settings = {
      ...own,
      WORKFLOW_BUNDLE: bundle,
      LOG_LEVEL: 'error',
      ...(faketime === undefined ? { CLOCK_OFF_MS: String(skewMs) } : fakedTime(faketime, skewMs)),
    };
    // On a busy machine a process sometimes does not start within the limit.
    const begin = () => cluster.worker(QUEUE, settings);
    const child = await begin().catch(begin);
    slot.child = child;
    void child.ended.then((exit) => replace(slot, child, exit));
  }

  /** Replaces a worker that ended on its own, as a supervisor does. */
  function replace(slot: Slot, child: Child, exit: unknown): void {
    if (closing.aborted || slot.child !== child) return;
    slot.child = undefined;
    slot.isFrozen = false;
    const [at, why] = [new Date().toISOString(), JSON.stringify(exit)];
    log(`${at} worker ${child.pid} ended on its own: ${why}\n${child.errors()}`);
    void inSequence(() => start(slot));
  }

  const up = () => slots.filter(({ child, isFrozen }) => child !== undefined && !isFrozen);

  const fleet = {
    /** `library`: the whole process has a skewed clock. `process`: only its JavaScript. */
    skew: faketime === undefined ? ('process' as const) : ('library' as const),

    /** The n-th of the running workers. */
    some: (of: number) => up()[of % Math.max(1, up().length)],

    /** The worker with this Temporal identity, frozen or not. */
    byIdentity: (identity: string) =>
      slots.find(({ child }) => child !== undefined && identity.startsWith(`${child.pid}@`)),

    /** Reports each worker that freezes itself. Somebody has to continue it. */
    async watchStops(onStop: (slot: Slot) => void): Promise<void> {
      while (!closing.aborted) {
        for (const slot of slots) {
          const { child, isFrozen } = slot;
          if (child === undefined || isFrozen || !(await isStopped(child.pid))) continue;
          // Only if nobody else froze it in the meantime.
          if (slot.child === child && !slot.isFrozen) onStop(slot);
        }
        await sleep(STOP_POLL_MS);
      }
    },

    async kill(slot: Slot): Promise<void> {
      const { child } = slot;
      slot.child = undefined;
      slot.isFrozen = false;
      await child?.kill('SIGKILL');
      await inSequence(() => start(slot));
    },

    /** Whether a worker may be frozen: it is running, and so are enough others. */
    canFreeze: ({ child, isFrozen }: Slot) =>
      child !== undefined &&
      !isFrozen &&
      slots.filter((other) => other.isFrozen).length < MAX_FROZEN,

    async freeze(slot: Slot, forMs: number): Promise<void> {
      const { child } = slot;
      if (child === undefined) return;
      slot.isFrozen = true;
      process.kill(child.pid, 'SIGSTOP');
      await sleep(forMs);
      // It may have been killed in the meantime.
      if (slot.child !== child) return;
      process.kill(child.pid, 'SIGCONT');
      slot.isFrozen = false;
    },
  };
  await Promise.all(slots.map(start));
  return fleet;
}

// --- internal ---

/** Whether a process is stopped by a signal: state T of Linux's proc(5). */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.includes(') T ');
}

/** Bundles the workflows once for all workers. Otherwise each worker would bundle them at its start. */
async function bundled(): Promise<string> {
  const source = join(__dirname, '../../src');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(source, 'workflows/index.ts'),
    payloadConverterPath: join(source, 'temporal/payload-converter.ts'),
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

function findFaketime(): string | undefined {
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib') : [];
  return folders
    .map((folder) => join('/usr/lib', folder, 'faketime/libfaketimeMT.so.1'))
    .find((file) => existsSync(file));
}

function fakedTime(library: string, skewMs: number) {
  const sign = skewMs < 0 ? '-' : '+';
  return {
    LD_PRELOAD: library,
    FAKETIME: `${sign}${Math.abs(skewMs) / 1_000}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}
