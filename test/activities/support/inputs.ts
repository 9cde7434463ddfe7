import { validateInput } from '../../../src/activities/input-schema';

export const CALL = { agent_id: 'agent_01hx', phone_number: '+14155550101' };
const WINDOW = { timeZone: 'America/New_York', from: '09:00', to: '18:00' };

export const E164 = 'is not E.164, such as +14155551234';
export const SECONDS = 'is not whole seconds, such as "30s"';
export const DURATION = 'is not a duration, such as "30s", "5m", "2h" or "1d"';
export const INSTANT = 'is not ISO 8601 with an offset, such as 2026-12-01T09:00:00-05:00';
export const ZONE = 'is not an IANA time zone, such as America/New_York';
export const CLOCK = 'is not a time of day, such as "09:00"';
export const DAY = 'is not a day from 1 (Monday) to 7 (Sunday)';
export const NO_OUTCOME = 'names no outcome although maxAttempts is over 1';

export const call = (fields: object) => ({ call: { ...CALL, ...fields } });
export const settings = (fields: object) => call({ call_settings: fields });
export const withCall = (fields: object) => ({ call: CALL, ...fields });
export const inWindow = (fields: object) => withCall({ window: { ...WINDOW, ...fields } });
export const redial = (fields: object) => withCall({ redial: fields });
export const after = (fields: object) => redial({ maxAttempts: 3, after: fields });

export const problemsOf = (input: unknown) => validateInput(input).problems;
