// The door `temporal-truedy/workflow`: safe in workflow code.
export { callPerson, type CallPersonOptions } from './workflows/call-person';
export { truedyService, type CallRequest } from './workflows/nexus-service';
export { OutboundCallWorkflow } from './workflows';
export {
  callEvent,
  getCall,
  redialNow,
  reschedule,
  resolve,
  stop,
  WORKFLOW_TYPE,
} from './workflows/messages';
export type {
  AttemptReport,
  CallEvent,
  CallResult,
  CallView,
  Cancellation,
  Reschedule,
  Resolution,
  Stop,
} from './call/api-types';
export type { CallRecord } from './call/call-record';
export type { CallBody, CallWindow, InputProblem, OutboundCallInput } from './call/input';
export type { Outcome } from './call/outcome';
export type { Phase } from './call/phase';
