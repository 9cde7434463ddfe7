import { setTimeout as sleep } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import { BEFORE_SEND_MS, needsSlowPost, type Disaster } from './draw-disasters';
import type { Incident } from './facts';
import type { Stage } from './stage';
import { toReference, type LedgerView } from './vendor';

const { PENDING_ACTIVITY_STATE_STARTED: STARTED } = temporal.api.enums.v1.PendingActivityState;
const POLL_MS = 100;
const MAX_POLLS = 150;

/** Causes disasters, and records them. */
export function createDisasters({ cluster, fleet, ...stage }: Stage, ledger: LedgerView) {
  const incidents: { -readonly [Name in keyof Incident]: Incident[Name] }[] = [];
  const counts = { kills: 0, freezes: 0 };

  async function during(text: string, act: () => Promise<unknown>): Promise<void> {
    const incident = { text, atMs: Date.now(), untilMs: Infinity };
    incidents.push(incident);
    await act();
    incident.untilMs = Date.now();
  }

  /** The worker that waits for the answer to the POST of this call. Any other worker if it is not found in time. */
  async function workerOf(workflowId: string, of: number) {
    const handle = cluster.client.workflow.getHandle(workflowId);
    for (let polls = 0; polls < MAX_POLLS; polls += 1) {
      // The call may not exist yet, and the server may be unavailable.
      const seen = await handle.describe().catch(() => undefined);
      const pending = seen?.raw.pendingActivities?.find(
        ({ activityType }) => activityType?.name === 'placeCall',
      );
      const isStarted = pending?.state === STARTED;
      const slot = isStarted && fleet.byIdentity(pending.lastWorkerIdentity ?? '');
      if (slot) return slot;
      await sleep(POLL_MS);
    }
    return fleet.some(of);
  }

  /** Waits for the first dial of a call: without one, a second dispatch repeats nothing. */
  async function dialed(workflowId: string): Promise<void> {
    for (let polls = 0; polls < MAX_POLLS; polls += 1) {
      const dials = await ledger.dialsOf(toReference(workflowId, 1));
      if (dials.length > 0) return;
      await sleep(POLL_MS);
    }
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

  const stops: Promise<void>[] = [];
  void fleet.watchStops((slot) => {
    counts.freezes += 1;
    const text = 'a worker is frozen just before its send';
    stops.push(during(text, () => fleet.freeze(slot, BEFORE_SEND_MS)));
  });

  return {
    incidents: incidents as readonly Incident[],
    counts,
    during,

    /** Waits until every worker that froze itself has continued. */
    continued: () => Promise.all(stops),

    /** @param workflowId The call with the slow POST, if the disaster needs one. */
    async cause({ kind, of, forMs }: Disaster, workflowId: string): Promise<void> {
      switch (kind) {
        case 'freeze_before_send':
          return; // Its worker does that by itself, see `FREEZES`.
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
          const slot = needsSlowPost(kind) ? await workerOf(workflowId, of) : fleet.some(of);
          if (slot === undefined) return;
          if (kind === 'freeze_worker' || kind === 'freeze_busy_worker') {
            if (!fleet.canFreeze(slot)) return;
            counts.freezes += 1;
            return during(`a worker is frozen for ${forMs} ms`, () => fleet.freeze(slot, forMs));
          }
          if (kind === 'kill_after_raise') {
            await dialed(workflowId);
            // The request may have been answered in the meantime.
            await raiseAttempts(workflowId).catch(() => undefined);
          }
          counts.kills += 1;
          return during(`a worker is killed (${kind})`, () => fleet.kill(slot));
        }
      }
    },
  };
}
