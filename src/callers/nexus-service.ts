import * as nexus from 'nexus-rpc';
import type { CallResult } from '../call/api-types';
import type { OutboundCallInput } from '../call/input';

/** The input of the Nexus operation `call`. */
export interface CallRequest {
  /** The same key is the same call, in whatever way it is requested. */
  readonly key: string;
  readonly input: OutboundCallInput;
}

/**
 * The Nexus service `truedy`. Its operation `call` starts a call, or attaches to the call with the same key, and
 * completes with its result.
 */
export const truedyService = nexus.service('truedy', {
  call: nexus.operation<CallRequest, CallResult>(),
});
