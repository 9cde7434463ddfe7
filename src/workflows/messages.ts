import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallEvent, CallView, Resolution, Reschedule, Stop } from '../call/api-types';

/** The type of the workflow, as every starter names it. */
export const WORKFLOW_TYPE = 'OutboundCallWorkflow';

/** News of a call; what fits no attempt is ignored, counted and logged. */
export const callEvent = defineSignal<[CallEvent]>('callEvent');

/** Where the conversation stands; answers after the close, too. */
export const getCall = defineQuery<CallView>('getCall');

/** Ends the present wait; window, expiry and the deployment's check still apply. */
export const redialNow = defineUpdate<CallView>('redialNow');

/** Moves the present wait. */
export const reschedule = defineUpdate<CallView, [Reschedule]>('reschedule');

/** No further attempt: a queued dial is withdrawn, a live call runs to its end. */
export const stop = defineUpdate<CallView, [Stop | undefined]>('stop');

/** Says what became of an unclear attempt. */
export const resolve = defineUpdate<CallView, [Resolution]>('resolve');
