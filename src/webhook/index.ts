/** The door for webhooks. */
export { WEBHOOK_PATH } from './app';
