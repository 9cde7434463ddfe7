import { gatewayPage, whole, type Answer, type Reply } from './responses';
import type { Fault } from '../script/faults';

type Breakage = Extract<Fault, { kind: 'broken' }>['how'];

const ID = /"id":"[^"]*"/;

/** A success with an unusable body. */
export function malformedReply(how: Breakage, answer: Answer): Reply {
  const withBody = (body: string) => whole({ ...answer, body });
  switch (how) {
    case 'truncated':
      return withBody(answer.body.slice(0, answer.body.length / 2));
    case 'cut_body':
      return { kind: 'cut_body', answer };
    case 'missing_id':
      return withBody(answer.body.replace(ID, '"nothing":0'));
    case 'number_id':
      return withBody(answer.body.replace(ID, '"id":12345'));
    case 'long_id':
      return withBody(answer.body.replace(ID, `"id":"call_${'x'.repeat(500)}"`));
    case 'strange_id':
      return withBody(answer.body.replace(ID, '"id":"../calls?x=1#\\u0000"'));
    case 'html':
      return whole({ ...answer, headers: { 'content-type': 'text/html' }, body: gatewayPage(200) });
    case 'empty':
      return withBody('');
    case 'array':
      return withBody(`[${answer.body}]`);
  }
}
