import { setTimeout as sleep } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import { needsBait, type Disaster } from './draw-disasters';
import type { Blow } from './facts';
import type { Stage } from './stage';

const { PENDING_ACTIVITY_STATE_STARTED: STARTED } = temporal.api.enums.v1.PendingActivityState;
const LOOK_MS = 100;
const MOST_LOOKS = 150;

/** Lets things break, and keeps what broke when. */
export function createDisasters({ cluster, fleet, ...stage }: Stage) {
  const blows: { -readonly [Name in keyof Blow]: Blow[Name] }[] = [];
  const counts = { kills: 0, freezes: 0 };

  async function during(what: string, act: () => Promise<unknown>): Promise<void> {
    const blow = { what, atMs: Date.now(), untilMs: Infinity };
    blows.push(blow);
    await act();
    blow.untilMs = Date.now();
  }

  /** The worker that awaits the answer to the POST of this call; any other where none is found in time. */
  async function workerOf(workflowId: string, of: number) {
    const handle = cluster.client.workflow.getHandle(workflowId);
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      // It may not have been started yet, and the server may be away.
      const seen = await handle.describe().catch(() => undefined);
      const pending = seen?.raw.pendingActivities?.find(
        ({ activityType }) => activityType?.name === 'placeCall',
      );
      const isStarted = pending?.state === STARTED;
      const slot = isStarted && fleet.byIdentity(pending.lastWorkerIdentity ?? '');
      if (slot) return slot;
      await sleep(LOOK_MS);
    }
    return fleet.some(of);
  }

  function raiseAttempts(workflowId: string) {
    return cluster.client.workflowService.updateActivityOptions({
      namespace: 'default',
      execution: { workflowId },
      type: 'placeCall',
      identity: 'operator',
      activityOptions: { retryPolicy: { maximumAttempts: 3 } },
      updateMask: { paths: ['retry_policy.maximum_attempts'] },
    });
  }

  return {
    blows: blows as readonly Blow[],
    counts,

    /** @param workflowId The call that was started for it, where it needs one. */
    async strike({ kind, of, forMs }: Disaster, workflowId: string): Promise<void> {
      switch (kind) {
        case 'kill_bridge':
          counts.kills += 1;
          return during('a bridge is killed', () => stage.killBridge(of));
        case 'kill_server':
          counts.kills += 1;
          return during("Temporal's server is killed", () => stage.killServer());
        case 'kill_worker':
        case 'kill_busy_worker':
        case 'kill_after_raise':
        case 'freeze_worker':
        case 'freeze_busy_worker': {
          const slot = needsBait(kind) ? await workerOf(workflowId, of) : fleet.some(of);
          if (slot === undefined) return;
          if (kind === 'freeze_worker' || kind === 'freeze_busy_worker') {
            if (!fleet.canFreeze(slot)) return;
            counts.freezes += 1;
            return during(`a worker is frozen for ${forMs} ms`, () => fleet.freeze(slot, forMs));
          }
          // The request may have been answered just then.
          if (kind === 'kill_after_raise') await raiseAttempts(workflowId).catch(() => undefined);
          counts.kills += 1;
          return during(`a worker is killed (${kind})`, () => fleet.kill(slot));
        }
      }
    },
  };
}
