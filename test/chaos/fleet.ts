import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Child } from '../../src/cli/demo/child';
import type { Cluster } from '../faults/support/cluster';

export const QUEUE = 'chaos';
const WORKERS = 4;
/** Never more at once: somebody has to work. */
const MOST_FROZEN = 2;

interface Slot {
  child: Child | undefined;
  isFrozen: boolean;
}

/** Several worker processes on the same queues, each with a clock of its own. */
export async function startFleet(
  cluster: Cluster,
  skewOf: (worker: number) => number,
  { turns, closing }: { turns: <T>(act: () => Promise<T>) => Promise<T>; closing: AbortSignal },
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
      WORKFLOW_BUNDLE: bundle,
      LOG_LEVEL: 'error',
      ...(faketime === undefined ? { CLOCK_OFF_MS: String(skewMs) } : fakedTime(faketime, skewMs)),
    };
    // A machine that is busy with much else starts no process within the limit now and then.
    const begin = () => cluster.worker(QUEUE, settings);
    const child = await begin().catch(begin);
    slot.child = child;
    void child.ended.then((exit) => replace(slot, child, exit));
  }

  /** As a supervisor does with a worker that ends on its own. */
  function replace(slot: Slot, child: Child, exit: unknown): void {
    if (closing.aborted || slot.child !== child) return;
    slot.child = undefined;
    slot.isFrozen = false;
    process.stderr.write(`a worker ended on its own: ${JSON.stringify(exit)}\n`);
    void turns(() => start(slot));
  }

  const up = () => slots.filter(({ child, isFrozen }) => child !== undefined && !isFrozen);

  const fleet = {
    /** `library`: the whole process sees another clock. `process`: its JavaScript does. */
    skew: faketime === undefined ? ('process' as const) : ('library' as const),

    /** The n-th of those that work now. */
    some: (of: number) => up()[of % Math.max(1, up().length)],

    /** The one that told Temporal this identity, frozen or not. */
    byIdentity: (identity: string) =>
      slots.find(({ child }) => child !== undefined && identity.startsWith(`${child.pid}@`)),

    async kill(slot: Slot): Promise<void> {
      const { child } = slot;
      slot.child = undefined;
      slot.isFrozen = false;
      await child?.kill('SIGKILL');
      await turns(() => start(slot));
    },

    /** Whether it may be frozen: enough others are at work, and it is. */
    canFreeze: ({ child, isFrozen }: Slot) =>
      child !== undefined && !isFrozen && slots.filter((one) => one.isFrozen).length < MOST_FROZEN,

    async freeze(slot: Slot, forMs: number): Promise<void> {
      const { child } = slot;
      if (child === undefined) return;
      slot.isFrozen = true;
      process.kill(child.pid, 'SIGSTOP');
      await sleep(forMs);
      // It may have been killed meanwhile.
      if (slot.child !== child) return;
      process.kill(child.pid, 'SIGCONT');
      slot.isFrozen = false;
    },
  };
  await Promise.all(slots.map(start));
  return fleet;
}

// --- internal ---

/** Once for all: a worker that is started from source would bundle them again each time. */
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
