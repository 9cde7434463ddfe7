import { gatewayPage, whole, type Answer, type Reply } from './responses';
import type { Fault } from '../script/faults';

type Breakage = Extract<Fault, { kind: 'broken' }>['how'];

/** Bodies that no client can use. */
const BODIES: Readonly<Record<Exclude<Breakage, 'cut_body' | 'html'>, (body: string) => string>> = {
  truncated: (body) => body.slice(0, body.length / 2),
  missing_id: (body) => body.replace(ID, '"nothing":0'),
  number_id: (body) => body.replace(ID, '"id":12345'),
  long_id: (body) => body.replace(ID, `"id":"call_${'x'.repeat(500)}"`),
  strange_id: (body) => body.replace(ID, '"id":"../calls?x=1#\\u0000"'),
  empty: () => '',
  array: (body) => `[${body}]`,
};
const ID = /"id":"[^"]*"/;

/** A success with an unusable body. */
export function malformedReply(how: Breakage, answer: Answer): Reply {
  if (how === 'cut_body') return { kind: how, answer };
  if (how !== 'html') return whole({ ...answer, body: BODIES[how](answer.body) });
  return whole({ ...answer, headers: { 'content-type': 'text/html' }, body: gatewayPage(200) });
}
