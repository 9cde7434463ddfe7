import type { Contact, PastDial } from '../../src/call/contact/contact';
import type { CallScript } from '../../src/testing/simulator/script/script';
import type { Action, Case } from './facts';
import { drawn, ended, ONE, T0 } from './judge-cases';
import { judgePerson, type PersonCase, type PersonCategory } from './judge-people';

/** A call to the person that was sent at this second, and ended 5 s later. */
function call(
  name: string,
  second: number,
  plan: CallScript = {},
  change: Partial<Case> = {},
): Case {
  const ref = `default/call/${name}#1`;
  const atMs = T0 + second * 1_000;
  const seq = second + 1;
  const callId = `call_${name}`;
  return {
    ...ONE,
    workflowId: `call/${name}`,
    drawn: { ...drawn([plan]), person: 0 },
    plans: new Map([[seq, plan]]),
    posts: [{ seq, ref, atMs, status: 201, body: '', key: 'key' }],
    dials: [{ ref, atMs, postNo: seq, callId }],
    truths: [{ callId, endedMs: atMs + 5_000 }],
    runEnds: ended('answered', [{ number: 1, callId, outcome: 'answered' }]),
    ...change,
  };
}

const dialOf = ({ dials }: Case): PastDial => ({
  reference: dials[0]?.ref ?? '',
  fromMs: 0,
  toMs: 0,
  days: [],
  weeks: [],
});

function personWith(cases: readonly Case[], change: Partial<PersonCase> = {}): PersonCase {
  const contact: Contact = {
    open: [],
    dials: cases.filter(({ dials }) => dials.length > 0).map(dialOf),
    waiting: [],
    optOuts: [],
  };
  const policy = { concurrent: 1, minGap: '1m', perDay: 9, perWeek: 9, timeZone: 'UTC' };
  return { person: 0, policy, cases, actions: [], contact, ...change };
}

const answered = (name: 'optOut' | 'optIn', second: number): Action => ({
  name,
  atMs: T0 + second * 1_000 - 100,
  answeredMs: T0 + second * 1_000,
  answer: 'accepted',
});

const suppressed: Case = call(
  'x',
  0,
  {},
  { posts: [], dials: [], runEnds: ended('suppressed', []) },
);
const policyOf = (change: Partial<PersonCase['policy']>) => ({
  policy: { ...personWith([]).policy, ...change },
});

describe('a person whose limits are kept', () => {
  it.each<[string, PersonCase]>([
    ['who is called one call after the other', personWith([call('a', 0), call('b', 6)])],
    [
      'who opted out after the call, and in before the next one',
      personWith([call('a', 0), call('b', 60)], {
        actions: [answered('optOut', 20), answered('optIn', 40)],
      }),
    ],
    [
      'whose call was suppressed after the opt-out',
      personWith([suppressed], { actions: [answered('optOut', 10)] }),
    ],
    [
      'whose first call never ends, and is given up',
      personWith([
        call(
          'a',
          0,
          { phone: 'stuck_ringing' },
          {
            truths: [{ callId: 'call_a' }],
            runEnds: ended('unknown', [{ number: 1, outcome: 'unknown' }]),
          },
        ),
        call('b', 60),
      ]),
    ],
    [
      'whose first call was reported as failed by the vendor',
      personWith([call('a', 0, { post: { kind: 'says_failed', corrected: true } }), call('b', 2)]),
    ],
  ])('%s', (_, person) => {
    expect(judgePerson(person)).toEqual([]);
  });
});

describe('a person whose limits are broken', () => {
  const isOver = [call('a', 0), call('b', 6), call('c', 12)];
  it.each<[string, PersonCategory, PersonCase]>([
    ['by a dial during another call', 'overlaps', personWith([call('a', 0), call('b', 4)])],
    [
      'by a third call of two',
      'overlaps',
      personWith([call('a', 0), call('b', 2), call('c', 4)], policyOf({ concurrent: 2 })),
    ],
    [
      'by a call within the gap',
      'tooSoon',
      personWith([call('a', 0), call('b', 6)], policyOf({ minGap: '5m' })),
    ],
    ['by too many calls on a day', 'overCap', personWith(isOver, policyOf({ perDay: 2 }))],
    ['by too many calls in a week', 'overCap', personWith(isOver, policyOf({ perWeek: 2 }))],
    [
      'by a call after the opt-out',
      'afterOptOut',
      personWith([call('a', 10)], { actions: [answered('optOut', 7), answered('optIn', 20)] }),
    ],
    ['by a suppression without an opt-out', 'unasked', personWith([suppressed])],
    [
      'by a suppression of a call that was started after the opt-in',
      'unasked',
      personWith([{ ...suppressed, startedMs: T0 + 20_000 }], {
        actions: [answered('optOut', 1), answered('optIn', 10)],
      }),
    ],
    [
      'by a dial that does not count',
      'miscounted',
      personWith([call('a', 0)], { contact: { open: [], dials: [], waiting: [], optOuts: [] } }),
    ],
    [
      'by a dial that counts twice',
      'miscounted',
      personWith([call('a', 0)], {
        contact: {
          open: [],
          dials: [dialOf(call('a', 0)), dialOf(call('a', 0))],
          waiting: [],
          optOuts: [],
        },
      }),
    ],
    [
      'by a reservation that is left',
      'miscounted',
      personWith([suppressed], {
        actions: [answered('optOut', 1)],
        contact: {
          open: [{ ...dialOf(call('x', 0)), leaseEndMs: 1 }],
          dials: [],
          waiting: [],
          optOuts: [],
        },
      }),
    ],
  ])('%s', (_, category, person) => {
    expect(new Set(judgePerson(person).map((one) => one.category))).toEqual(new Set([category]));
  });
});
