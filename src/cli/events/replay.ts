import { readWebhookSecrets } from '../../runtime/config';
import { loadEnvironment } from '../../runtime/process';
import type { CommonFlags } from '../shared/flags';
import { isClaim, ownHeaders } from './delivery';
import { readSaved, type SavedAt } from './saved-delivery';
import { send, signedHeaders, targetOf, printResponse, type TargetFlags } from './sender';

/**
 * Sends the bytes of a saved delivery again: signed with the newest secret, or with their old signature,
 * which the bridge accepts for five minutes.
 */
export async function replay(
  saved: SavedAt,
  flags: CommonFlags & TargetFlags & { readonly asIs?: boolean },
): Promise<number> {
  const url = targetOf(flags);
  const { headers, body } = readSaved(saved);
  const own = ownHeaders(headers);
  if (flags.asIs) return printResponse(flags.output, url, await send(url, { headers: own, body }));
  const [secret = ''] = readWebhookSecrets(loadEnvironment());
  const unsigned = own.filter(([name]) => !isClaim(name.toLowerCase()));
  const signed = [...unsigned, ...signedHeaders(secret, body, Date.now())];
  return printResponse(flags.output, url, await send(url, { headers: signed, body }));
}
