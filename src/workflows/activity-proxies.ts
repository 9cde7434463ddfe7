import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { sendLimits } from '../call/timing';
import type { CallPlan } from '../call/plan';

// Endings are read while dials wait.
const READ = { priorityKey: 1 } as const;
const FIND = { priorityKey: 2 } as const;
const DIAL = { priorityKey: 3 } as const;

/** The net under a poll, for a queue without workers. */
const NET_MS = 120_000;

const DAY_MS = 24 * 3_600_000;

/**
 * Pure, and run by the worker that runs the workflow: no request leaves them.
 *
 * Retried without a bound: only a worker that is starved, or whose image lacks a time zone, fails them, and no
 * run may fail for that. A wrong input is not retried. Long waits are timers, so that history hardly grows.
 */
export function local() {
  return proxyLocalActivities<Pick<Activities, 'prepareCall' | 'nextOpening'>>({
    startToCloseTimeout: '5 s',
    retry: { initialInterval: 100, maximumInterval: '5 minutes' },
    localRetryThreshold: '10 s',
  });
}

/**
 * The request that rings. One attempt, ever: a lost answer is settled by reading, never by sending again.
 *
 * @param withinMs How long it may wait in the queue; when that runs out nothing was sent.
 */
export function dial(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'placeCall'>>({
    taskQueue: plan.apiTaskQueue,
    scheduleToStartTimeout: Math.max(1, Math.min(withinMs, DAY_MS)),
    startToCloseTimeout: sendLimits(plan.timeScale).startToCloseMs,
    retry: { maximumAttempts: 1 },
    // Once it runs, its answer is what matters, also to whoever cancels.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    allowEagerDispatch: false,
    priority: DIAL,
  });
}

/**
 * The reads of a call. Each dispatch is one request; the activity's own delays are the pace, so the
 * retry policy only matters for a lost worker.
 *
 * @param withinMs How long it reads; the activity itself decides when that is over.
 */
export function read(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'readCall'>>({
    ...paced(plan, Math.max(1, withinMs) + NET_MS),
    priority: READ,
  });
}

/** One look at a call that was named, tried again until the time is over. */
export function look(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'lookCall'>>({
    ...paced(plan, withinMs),
    priority: READ,
  });
}

/** One page of the listing, asked for again until the time is over. */
export function find(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'findCall'>>({
    ...paced(plan, withinMs),
    priority: FIND,
  });
}

function paced(plan: CallPlan, withinMs: number) {
  return {
    taskQueue: plan.apiTaskQueue,
    scheduleToCloseTimeout: Math.max(1, withinMs),
    startToCloseTimeout: 20_000,
    retry: { initialInterval: 5_000, backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    allowEagerDispatch: false,
  };
}
