import { toRequestId } from './answers';
import { toIso } from './clock';
import type { Dialect } from './plan';

/** One call as an endpoint wraps it: bare in the guide, `{ data, meta }` in the reference. */
export function answerBody(call: object, dialect: Dialect, nowMs: number): object {
  if (dialect === 'guide') return call;
  return { data: call, meta: { request_id: toRequestId(), ts: toIso(nowMs) } };
}
