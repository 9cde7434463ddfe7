export { OutboundCallWorkflow } from './outbound-call';
