export { OutboundCallWorkflow } from './outbound-call';
export { ContactWorkflow } from './contact/contact-workflow';
