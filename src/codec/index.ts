/** The door for encryption. */
export { payloadConverter } from '../temporal/payload-converter';
