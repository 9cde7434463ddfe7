import { readReference } from '../../call/dial-request';
import { readWebhookSecrets } from '../../runtime/config';
import { KnownError, loadEnvironment } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import type { HeaderList } from './delivery';
import { sampleOf, withOverrides, type Aim, type SampleEvent } from './sample';
import { send, signedHeaders, targetOf, tellAnswer, type TargetFlags } from './sender';
import { EXIT } from '../shared/exit-codes';

/** Further back than any bridge takes. */
const STALE_MS = 600_000;

/** Sends a signed sample of an event to the bridge, aimed at a run or at none. */
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
  const sample = sampleOf(event, await aimOf(flags), nowMs);
  const body = Buffer.from(JSON.stringify(withOverrides(sample, flags.override ?? [])));
  const signed = signedHeaders(secret, body, nowMs - (flags.stale ? STALE_MS : 0));
  const claim = flags.unsigned ? signed.slice(0, 1) : signed;
  const headers: HeaderList = [['Content-Type', 'application/json'], ...claim];
  const answer = await send(url, { headers, body });
  if (!flags.twice || answer !== 204) return tellAnswer(flags.output, url, answer);
  return tellAnswer(flags.output, url, await send(url, { headers, body }));
}

// --- internal ---

async function aimOf(
  flags: CommonFlags & { readonly id?: string; readonly ref?: string },
): Promise<Aim> {
  const { id, ref } = flags;
  if (ref !== undefined && (id !== undefined || readReference(ref) === undefined)) {
    throw new KnownError(
      'TT3002  --ref takes <namespace>/<workflowId>#<attempt>, and no --id beside it. Nothing was sent.\n' +
        "        --ref 'default/call/order-4711#1'",
      EXIT.usage,
    );
  }
  if (id === undefined) return ref === undefined ? {} : { reference: ref };
  // Loaded where it is needed: a sample for no run needs nothing of the SDK.
  const { aimAtRun } = await import('./aim-at-run.js');
  return aimAtRun(id, flags);
}
