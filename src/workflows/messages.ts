import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallEvent, CallView, Resolution, Reschedule, Stop } from '../call/api-types';
import type { Contact, ContactAnswer, ContactAsk, OptOut } from '../call/contact/contact';
import type { Confirmation, Release } from '../call/contact/settle';

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

/** Another call to the same person ended: a call that waits for it asks again. */
export const contactFree = defineSignal('contactFree');

/** The type of the workflow that counts the calls to one person. */
export const CONTACT_WORKFLOW_TYPE = 'ContactWorkflow';

/** Asks whether an attempt may dial now. If so, reserves the dial. */
export const reserveContact = defineUpdate<ContactAnswer, [ContactAsk]>('reserve');

/** An attempt has ended: with a dial that counts, or without one. */
export const releaseContact = defineSignal<[Release | Confirmation]>('release');

/** Forbids every call to the person. */
export const optOut = defineUpdate<Contact, [{ readonly reason?: string }]>('optOut');

/** Allows calls again. */
export const optIn = defineUpdate<Contact, [{ readonly reason?: string } | undefined]>('optIn');

/** Adds opt-outs that a lost contact workflow had. Returns how many were missing. */
export const restoreOptOuts = defineUpdate<{ readonly added: number }, [readonly OptOut[]]>(
  'restoreOptOuts',
);

/** Returns what is known of the person. */
export const getContact = defineQuery<Contact>('getContact');
