import { readWebhookSecrets } from '../../runtime/config';
import { loadEnvironment } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { isClaim, ownHeaders } from './delivery';
import { readSaved, type SavedAt } from './saved-delivery';
import { send, signedHeaders, targetOf, tellAnswer, type TargetFlags } from './sender';

/**
 * Sends a saved delivery again, the same bytes: signed anew with the newest secret, or as it was, which
 * the bridge takes for five minutes.
 */
export async function replay(
  saved: SavedAt,
  flags: CommonFlags & TargetFlags & { readonly asIs?: boolean },
): Promise<number> {
  const url = targetOf(flags);
  const { headers, body } = readSaved(saved);
  const own = ownHeaders(headers);
  if (flags.asIs) return tellAnswer(flags.output, url, await send(url, { headers: own, body }));
  const [secret = ''] = readWebhookSecrets(loadEnvironment());
  const unsigned = own.filter(([name]) => !isClaim(name.toLowerCase()));
  const signed = [...unsigned, ...signedHeaders(secret, body, Date.now())];
  return tellAnswer(flags.output, url, await send(url, { headers: signed, body }));
}
