import { parseJson } from '../../runtime/text-file';
import { REFERENCE_VARIABLE } from '../../call/dial-request';
import type { KnownError } from '../../runtime/process';
import { usageError } from '../shared/usage-error';

/** The events that have a sample: those the bridge uses. */
export const SAMPLE_EVENTS = ['call.started', 'call.joined', 'call.ended', 'call.failed'] as const;
export type SampleEvent = (typeof SAMPLE_EVENTS)[number];

/** The call that a sample is about. */
export interface Target {
  readonly reference?: string;
  readonly callId?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const SECOND_MS = 1_000;

/**
 * A delivery in the envelope of Truedy's guide, with the whole call as `data` and reserved fictional
 * numbers. A final event is complete, so the run accepts it as the result without reading the call.
 */
export function sampleOf(event: SampleEvent, { reference, callId }: Target, nowMs: number): Fields {
  const at = (beforeMs: number) => new Date(nowMs - beforeMs).toISOString();
  const hasNoTarget = reference === undefined && callId === undefined;
  return {
    event,
    timestamp: at(0),
    data: {
      // With a reference alone, an invented id would contradict the id that the run already has.
      ...((callId ?? hasNoTarget) && { id: callId ?? 'call_sample' }),
      direction: 'outbound',
      agent_id: 'agent_sample',
      phone_number: '+14155550101',
      from_number: '+14155550102',
      variables: {
        first_name: 'Sarah',
        ...(reference !== undefined && { [REFERENCE_VARIABLE]: reference }),
      },
      created_at: at(60 * SECOND_MS),
      ...STAGES[event](at),
    },
  };
}

/** Applies overrides such as `data.call.endReason=unjoined`. A value that is not JSON is text. */
export function withOverrides(sample: Fields, overrides: readonly string[]): Fields {
  return overrides.reduce((changed, override) => {
    const at = override.indexOf('=');
    const path = override.slice(0, at).split('.');
    if (at < 1 || !path.every((name) => /^[A-Za-z0-9_-]+$/.test(name)))
      throw invalidOverride(override);
    const text = override.slice(at + 1);
    const value = parseJson(text);
    return withValue(changed, path, value === undefined ? text : value);
  }, sample);
}

// --- internal ---

/** The fields of the call at each event. */
const STAGES: Readonly<Record<SampleEvent, (at: (beforeMs: number) => string) => Fields>> = {
  'call.started': () => ({ status: 'ringing' }),
  'call.joined': (at) => ({ status: 'in_progress', started_at: at(0) }),
  'call.ended': (at) => ({
    status: 'ended',
    started_at: at(50 * SECOND_MS),
    ended_at: at(SECOND_MS),
    duration_seconds: 49,
    outcome: 'answered',
    transcript: [{ speaker: 'agent', text: 'Hello, Sarah.', timestamp: 0.4 }],
    summary: 'A sample.',
  }),
  'call.failed': (at) => ({
    status: 'failed',
    started_at: null,
    ended_at: at(SECOND_MS),
    duration_seconds: 0,
    outcome: 'failed',
    end_reason: 'connection_error',
  }),
};

function withValue(
  fields: Fields,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): Fields {
  if (rest.length === 0) return { ...fields, [name]: value };
  const inner = fields[name];
  const known = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  return { ...fields, [name]: withValue({ ...known }, rest, value) };
}

function invalidOverride(override: string): KnownError {
  return usageError(
    `TT3002  --override ${override} must be path=value. Nothing was sent.`,
    '--override data.call.endReason=unjoined',
  );
}
