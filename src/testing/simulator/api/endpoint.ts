import type { AccessControl } from './auth-and-limits';
import { whole, type Reply } from './responses';
import { sendReply, type SimulatorContext } from './transport';
import { toIso, type Clock } from '../phones/clock';
import type { PostEntry, Records, RequestEntry } from '../request-log';
import type { Endpoint } from '../script/script';
import type { Settings } from '../settings';

/** What every endpoint needs. */
export interface EndpointOptions {
  readonly clock: Clock;
  readonly settings: () => Settings;
  readonly access: AccessControl;
  readonly records: Records;
}

/**
 * Serves one request: logs it, refuses it during outages, above the rate limit or without a valid key, and
 * else sends the reply of `handle`.
 *
 * @param post The entry of a `POST /calls`, whose status is set as well.
 */
export async function serve(
  c: SimulatorContext,
  { clock, access, records }: EndpointOptions,
  entry: Pick<RequestEntry, 'callId' | 'query'> & { readonly kind: Endpoint },
  handle: () => Reply | Promise<Reply>,
  post?: PostEntry,
): Promise<Response> {
  const request = records.addRequest({ at: toIso(clock.now()), ...entry });
  const refusal = access.check(entry.kind, c.req.header('authorization'));
  const reply = refusal === undefined ? await handle() : whole(refusal);
  request.status = reply.kind === 'cut' ? null : reply.answer.status;
  if (post !== undefined) post.status = request.status;
  return sendReply(c, reply, clock);
}
