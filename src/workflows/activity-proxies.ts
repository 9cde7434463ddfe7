import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { sendLimits } from '../call/timing';
import type { CallPlan } from '../call/plan';

// Reads of live calls come before new dials.
const READ = { priorityKey: 1 } as const;
const FIND = { priorityKey: 2 } as const;
const DIAL = { priorityKey: 3 } as const;

/** How long after its own limit the server times out a poll, in case no worker polls the queue. */
const POLL_MARGIN_MS = 120_000;

const DAY_MS = 24 * 3_600_000;

/**
 * Local activities: pure functions that send no requests.
 *
 * Retries are unlimited: only an overloaded worker, or one whose image lacks a time zone, fails these activities, and
 * that must not fail the run. Invalid input is not retried. Long backoffs are timers, which keeps history short.
 */
export function localActivities() {
  return proxyLocalActivities<Pick<Activities, 'prepareCall' | 'nextOpening'>>({
    startToCloseTimeout: '5 s',
    retry: { initialInterval: 100, maximumInterval: '5 minutes' },
    localRetryThreshold: '10 s',
  });
}

/** The report of an attempt's end to its contact: a local activity that gives up, so that it cannot hold up the run. */
export function contactActivities() {
  return proxyLocalActivities<Pick<Activities, 'settleContact'>>({
    startToCloseTimeout: '5 s',
    scheduleToCloseTimeout: '30 s',
    retry: { initialInterval: 200, maximumInterval: '2 s' },
  });
}

/**
 * The request that dials. It is never retried: a lost response is resolved by reading, never by sending again.
 *
 * @param withinMs How long the activity may wait in the queue. If it times out there, nothing was sent.
 */
export function dialActivities(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'placeCall'>>({
    taskQueue: plan.apiTaskQueue,
    scheduleToStartTimeout: Math.max(1, Math.min(withinMs, DAY_MS)),
    startToCloseTimeout: sendLimits(plan.timeScale).startToCloseMs,
    retry: { maximumAttempts: 1 },
    // Once the activity runs, the outcome of its request is needed even after a cancellation.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    allowEagerDispatch: false,
    priority: DIAL,
  });
}

/**
 * The poll of a call. Each activity attempt sends one request and sets the delay to the next one, so the retry policy
 * applies only when a worker is lost.
 *
 * @param withinMs How long to poll. The activity itself enforces this limit.
 */
export function readActivities(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'readCall'>>({
    ...requestOptions(plan, Math.max(1, withinMs) + POLL_MARGIN_MS),
    priority: READ,
  });
}

/** One read of a call id that a delivery or an operator named, retried until the time is up. */
export function verifyActivities(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'lookCall'>>({
    ...requestOptions(plan, withinMs),
    priority: READ,
  });
}

/** One page of the call listing, retried until the time is up. */
export function findActivities(plan: CallPlan, withinMs: number) {
  return proxyActivities<Pick<Activities, 'findCall'>>({
    ...requestOptions(plan, withinMs),
    priority: FIND,
  });
}

// --- internal ---

function requestOptions(plan: CallPlan, withinMs: number) {
  return {
    taskQueue: plan.apiTaskQueue,
    scheduleToCloseTimeout: Math.max(1, withinMs),
    startToCloseTimeout: 20_000,
    retry: { initialInterval: 5_000, backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    allowEagerDispatch: false,
  };
}
