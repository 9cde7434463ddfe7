/** The door for workflow code: it loads no schema library and nothing of Node. */
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
export type * from './call/public-types';
