import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallEvent, CallView, Resolution, Reschedule, Stop } from '../call/api-types';

/** The workflow type, by which every starter starts the workflow. */
export const WORKFLOW_TYPE = 'OutboundCallWorkflow';

/** A webhook event of the call. Events that match no attempt are ignored, counted and logged. */
export const callEvent = defineSignal<[CallEvent]>('callEvent');

/** Returns the current state of the call, also after the run has closed. */
export const getCall = defineQuery<CallView>('getCall');

/** Ends the current wait. Calling hours, expiry and the dial check still apply. */
export const redialNow = defineUpdate<CallView>('redialNow');

/** Moves the current wait. */
export const reschedule = defineUpdate<CallView, [Reschedule]>('reschedule');

/** Prevents further attempts. A queued dial is withdrawn; a live call runs to completion. */
export const stop = defineUpdate<CallView, [Stop | undefined]>('stop');

/** Reports whether an unclear attempt was dialed. */
export const resolve = defineUpdate<CallView, [Resolution]>('resolve');
