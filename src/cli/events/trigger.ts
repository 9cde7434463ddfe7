import { readReference } from '../../call/dial-request';
import { readWebhookSecrets } from '../../runtime/config';
import { loadEnvironment } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import type { HeaderList } from './delivery';
import { sampleOf, withOverrides, type Target, type SampleEvent } from './sample';
import { send, signedHeaders, targetOf, printResponse, type TargetFlags } from './sender';
import { usageError } from '../shared/usage-error';

/** Older than any bridge accepts. */
const STALE_MS = 600_000;

/** Sends a signed sample of an event to the bridge, for a run if the flags name one. */
export async function trigger(
  event: SampleEvent,
  flags: CommonFlags &
    TargetFlags & {
      readonly id?: string;
      readonly ref?: string;
      readonly override?: readonly string[];
      readonly unsigned?: boolean;
      readonly stale?: boolean;
      readonly twice?: boolean;
    },
): Promise<number> {
  const url = targetOf(flags);
  const [secret = ''] = readWebhookSecrets(loadEnvironment());
  const nowMs = Date.now();
  const sample = sampleOf(event, await targetRunOf(flags), nowMs);
  const body = Buffer.from(JSON.stringify(withOverrides(sample, flags.override ?? [])));
  const signed = signedHeaders(secret, body, nowMs - (flags.stale ? STALE_MS : 0));
  const claim = flags.unsigned ? signed.slice(0, 1) : signed;
  const headers: HeaderList = [['Content-Type', 'application/json'], ...claim];
  const response = await send(url, { headers, body });
  if (!flags.twice || response !== 204) return printResponse(flags.output, url, response);
  return printResponse(flags.output, url, await send(url, { headers, body }));
}

// --- internal ---

async function targetRunOf(
  flags: CommonFlags & { readonly id?: string; readonly ref?: string },
): Promise<Target> {
  const { id, ref } = flags;
  if (ref !== undefined && (id !== undefined || readReference(ref) === undefined)) {
    throw usageError(
      'TT3002  --ref must be <namespace>/<workflowId>#<attempt>, without --id. Nothing was sent.',
      "--ref 'default/call/order-4711#1'",
    );
  }
  if (id === undefined) return ref === undefined ? {} : { reference: ref };
  // Loaded on demand: a sample that names no run does not need the SDK.
  const { aimAtRun } = await import('./aim-at-run.js');
  return aimAtRun(id, flags);
}
