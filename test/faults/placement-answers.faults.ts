import type { CallResult } from '../../src/call/api-types';
import { inputFor, until } from '../support/rig';
import { startCluster, type Cluster } from './support/cluster';
import { runRows, type Row } from './support/rows';

/**
 * The effects of the vendor's answers, and of missing answers. Uses real processes, scales our waits 1:100, and checks
 * the simulator's ledger. Each row has its own phone number.
 */
let cluster: Cluster;
let taskQueue: string;
// Outside the range of the virtual phones, which have predefined plans.
const PREFIX = '+1415555';
let nextNumber = 1000;

const SHORT = { call_settings: { max_duration: '60s', join_timeout: '10s' } };

async function play(
  plan: object | readonly object[],
  rest: Parameters<typeof inputFor>[1] = {},
): Promise<{ result: CallResult; dials: number; posts: number; bodies: readonly string[] }> {
  const number = `${PREFIX}${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plan } });
  const input = inputFor(number, { ...rest, call: { ...SHORT, ...rest.call } });
  const handle = await cluster.start(taskQueue, input);
  const result = await cluster.result(handle);
  const { dials, posts } = await cluster.seen(handle);
  return {
    result,
    dials: dials.length,
    posts: posts.length,
    bodies: posts.map(({ body }) => body),
  };
}

async function failure(
  plan: object | readonly object[],
): Promise<{ type: string; dials: number; posts: number }> {
  const number = `${PREFIX}${nextNumber++}`;
  await cluster.plan({ numbers: { [number]: plan } });
  const handle = await cluster.start(taskQueue, inputFor(number));
  const error = await handle.result().then(
    () => ({ cause: { type: 'none' } }),
    (thrown: { cause: { type: string } }) => thrown,
  );
  const { dials, posts } = await cluster.seen(handle);
  return { type: error.cause.type, dials: dials.length, posts: posts.length };
}

const answer = (status: number, dials: boolean, more: object = {}) => ({
  post: { kind: 'answer', status, dials, ...more },
});

function adopted(id: string, rule: string, plan: object): Row {
  return {
    id,
    rule: `${rule}: adopted, 1 dial`,
    run: async () => {
      const { result, dials, posts } = await play({ webhooks: { events: [] }, ...plan });
      expect({ dials, posts, outcome: result.outcome }).toEqual({
        dials: 1,
        posts: 1,
        outcome: 'answered',
      });
      expect(result.attempts[0]?.placedBy).toBe('listing');
    },
  };
}

function unknown(id: string, rule: string, plan: object, dialed: 0 | 1): Row {
  return {
    id,
    rule: `${rule}: unknown, ${dialed} dials`,
    run: async () => {
      const { result, dials, posts } = await play({ webhooks: { events: [] }, ...plan });
      expect({ dials, posts, outcome: result.outcome }).toEqual({
        dials: dialed,
        posts: 1,
        outcome: 'unknown',
      });
      expect(result.attempts).toMatchObject([{ number: 1, outcome: 'unknown', rangPhone: true }]);
    },
  };
}

const rows: readonly Row[] = [
  adopted('F7', 'the answer is cut off after the dial (V1)', {
    post: { kind: 'cut', dials: true },
  }),
  {
    id: 'F7b',
    rule: 'a delivery with our reference settles a lost answer immediately: 1 dial',
    run: async () => {
      const { result, dials } = await play({ post: { kind: 'cut', dials: true } });
      expect(dials).toBe(1);
      expect(result.outcome).toBe('answered');
      expect(result.attempts[0]?.placedBy).toBe('webhook');
    },
  },
  unknown('F8a', '500 before the dial (V5)', answer(500, false), 0),
  adopted('F8b', '500 after the dial (V3)', answer(500, true)),
  adopted('F8c', '502 after the dial (V4)', answer(502, true)),
  adopted('F8d', '504 after the dial (V4)', answer(504, true)),
  adopted('A6a', '408 after the dial', answer(408, true)),
  adopted('A6b', '409 after the dial', answer(409, true)),
  adopted('V8', '404 that names a call, after the dial', {
    ...answer(404, true, { code: 'not_found', message: 'Call not found' }),
  }),
  {
    id: 'F9',
    rule: '429: the same bytes are sent again after the given time, 1 dial',
    run: async () => {
      const limited = answer(429, false, { resetAfterMs: 1_200 });
      const { result, dials, posts, bodies } = await play([limited, limited, {}]);
      expect({ dials, posts, outcome: result.outcome }).toEqual({
        dials: 1,
        posts: 3,
        outcome: 'answered',
      });
      expect(new Set(bodies).size).toBe(1);
    },
  },
  {
    id: 'F10',
    rule: 'a late answer within the limit is the answer: 1 post (V10)',
    run: async () => {
      const slow = { post: { kind: 'slow', afterMs: 2_500 }, webhooks: { events: [] } };
      const { result, dials, posts } = await play(slow);
      expect({ dials, posts, by: result.attempts[0]?.placedBy }).toEqual({
        dials: 1,
        posts: 1,
        by: 'response',
      });
    },
  },
  adopted('F11a', 'the answer comes after the limit (V2)', {
    post: { kind: 'slow', afterMs: 8_000 },
  }),
  adopted('F11b', 'the body drips', { post: { kind: 'drip', everyMs: 1_000 } }),
  ...[
    'truncated',
    'cut_body',
    'missing_id',
    'number_id',
    'long_id',
    'strange_id',
    'html',
    'empty',
    'array',
  ].map((how) =>
    adopted(`F12/${how}`, 'a 2xx without a valid answer (V7)', { post: { kind: 'broken', how } }),
  ),
  {
    id: 'F13',
    rule: 'a 2xx with status failed counts only after the request has settled and one read (V6)',
    run: async () => {
      const { result, dials, posts } = await play({
        post: { kind: 'says_failed', corrected: true },
        webhooks: { events: [] },
      });
      expect({ dials, posts, outcome: result.outcome }).toEqual({
        dials: 1,
        posts: 1,
        outcome: 'answered',
      });
    },
  },
  ...[
    [401, 'unauthorized'],
    [402, 'insufficient_credits'],
    [403, 'forbidden'],
    [404, 'agent_not_found'],
    [405, 'refused'],
    [413, 'payload_too_large'],
    [422, 'validation_error'],
  ].map(([status, type]): Row => ({
    id: `F14/${String(status)}`,
    rule: `${String(status)} fails as ${String(type)}: 0 dials, 1 post`,
    run: async () => {
      const code = String(type) === 'refused' ? 'method_not_allowed' : String(type);
      const seen = await failure(answer(Number(status), false, { code, message: 'No' }));
      expect(seen).toEqual({ type, dials: 0, posts: 1 });
    },
  })),
  {
    id: 'V15',
    rule: '402 with expiresAt is held, and dials once credits are available',
    run: async () => {
      const broke = answer(402, false, { code: 'insufficient_credits' });
      const expiresAt = new Date(Date.now() + 60_000).toISOString();
      const { result, dials, posts } = await play([broke, broke, {}], { expiresAt });
      expect({ dials, posts, outcome: result.outcome }).toEqual({
        dials: 1,
        posts: 3,
        outcome: 'answered',
      });
    },
  },
  adopted('F16', 'a redirect is not followed (V24)', {
    post: { kind: 'late', afterMs: 0, cutMs: 10 },
  }),
  unknown(
    'F16b',
    'a redirect is unclear, and is never followed',
    {
      post: { kind: 'redirect', status: 307 },
    },
    0,
  ),
  adopted('F18', 'the request is executed after the client gave up and before it settled (V11)', {
    post: { kind: 'late', afterMs: 1_500, cutMs: 50 },
  }),
  {
    id: 'F19',
    rule: 'the request is executed long after it settled: at most 1 dial',
    run: async () => {
      const late = { post: { kind: 'late', afterMs: 6_000, cutMs: 50 } };
      const { dials, posts } = await play({ ...late, webhooks: { events: [] } });
      expect({ atMostOne: dials <= 1, posts }).toEqual({ atMostOne: true, posts: 1 });
    },
  },
  adopted('F20', 'the listing lags', {
    post: { kind: 'cut', dials: true },
    listing: { lagMs: 3_400 },
  }),
  unknown(
    'A3',
    'the vendor shows the call in no listing',
    {
      post: { kind: 'cut', dials: true },
      listing: { hidden: true },
    },
    1,
  ),
  {
    id: 'F20b',
    rule: 'only the first listing lags: adopted, 1 dial',
    run: async () => {
      // 1:20, so that the first listing (at 4.5 s) and the second (1.5 s later) are far enough apart.
      const slower = await cluster.worker(undefined, { TRUEDY_TIME_SCALE: '20' });
      const number = `${PREFIX}${nextNumber++}`;
      const plan = {
        post: { kind: 'cut', dials: true },
        listing: { lagMs: 5_800 },
        webhooks: { events: [] },
      };
      await cluster.plan({ numbers: { [number]: plan } });
      const input = inputFor(number, { call: SHORT, placement: { settle: '90s' } });
      const handle = await cluster.start(slower.taskQueue, input);
      const result = await cluster.result(handle);
      expect(result.attempts[0]).toMatchObject({ placedBy: 'listing', outcome: 'answered' });
      expect((await cluster.seen(handle)).dials).toHaveLength(1);
    },
  },
  {
    id: 'F21',
    rule: 'two rows with our reference: the oldest is adopted, both ids are recorded (V9)',
    run: async () => {
      const { result, posts } = await play({
        post: { kind: 'cut', dials: true },
        listing: { twin: true },
        webhooks: { events: [] },
      });
      expect(posts).toBe(1);
      expect(result.attempts[0]?.placedBy).toBe('listing');
    },
  },
  unknown(
    'F22',
    'the row with our reference has another number',
    {
      post: { kind: 'cut', dials: true },
      listing: { number: '+14155550199' },
    },
    1,
  ),
  unknown('F23a', 'the call stays queued forever', { phone: 'stuck_queued' }, 1),
  unknown('F23b', 'the call rings forever', { phone: 'stuck_ringing' }, 1),
  {
    id: 'F44',
    rule: 'reads of our id return 404 at first: the result is found',
    run: async () => {
      const { result, dials } = await play({ read: { missing: 3 }, webhooks: { events: [] } });
      expect({ dials, outcome: result.outcome }).toEqual({ dials: 1, outcome: 'answered' });
    },
  },
  unknown('F44b', 'every read of our id returns 404', { read: { missing: 9_999 } }, 1),
  {
    id: 'V19',
    rule: 'a status that flaps or is unknown never moves a call back',
    run: async () => {
      const { result, dials } = await play(
        {
          read: { says: ['in-progress', 'dancing', 'queued', 'ringing'] },
          webhooks: { events: [] },
        },
        { completion: { mode: 'poll', pollEvery: '5s' } },
      );
      expect({ dials, outcome: result.outcome }).toEqual({ dials: 1, outcome: 'answered' });
    },
  },
  {
    id: 'V20',
    rule: 'the first result stays although it is corrected later',
    run: async () => {
      const { result, dials } = await play({
        read: { firstEnding: 'failed' },
        webhooks: { events: [] },
      });
      expect(dials).toBe(1);
      expect(result.call?.status).toBe('failed');
    },
  },
  {
    id: 'V14',
    rule: 'many 429s: one dial in the end',
    run: async () => {
      const limited = answer(429, false, { resetAfterMs: 1_000 });
      const { dials, posts } = await play([limited, limited, limited, limited, {}]);
      expect({ dials, posts }).toEqual({ dials: 1, posts: 5 });
    },
  },
  {
    id: 'resolve/dialled',
    rule: 'resolve with the call of an unclear request: the call is followed',
    run: async () => {
      const number = `${PREFIX}${nextNumber++}`;
      const plan = {
        post: { kind: 'cut', dials: true },
        listing: { hidden: true },
        webhooks: { events: [] },
      };
      await cluster.plan({ numbers: { [number]: plan } });
      const handle = await cluster.start(taskQueue, inputFor(number));
      await until(async () => (await cluster.view(handle)).phase === 'unclear');
      const { dials } = await cluster.seen(handle);
      await handle.executeUpdate('resolve', {
        args: [{ dialled: true, callId: dials[0]?.callId }],
      });
      const result = await cluster.result(handle);
      expect(result.attempts[0]).toMatchObject({ placedBy: 'resolve', outcome: 'answered' });
    },
  },
  {
    id: 'resolve/other',
    rule: 'resolve with a call to another number is rejected',
    run: async () => {
      const number = `${PREFIX}${nextNumber++}`;
      const plan = { post: { kind: 'cut', dials: false }, webhooks: { events: [] } };
      await cluster.plan({ numbers: { [number]: plan } });
      const other = await cluster.start(taskQueue, inputFor('+14155550101'));
      const { callId } = await cluster.result(other);
      const handle = await cluster.start(taskQueue, inputFor(number, { call: SHORT }));
      await until(async () => (await cluster.view(handle)).phase === 'unclear');
      const view = await handle.executeUpdate<{ phase: string }, [object]>('resolve', {
        args: [{ dialled: true, callId }],
      });
      expect(view.phase).toBe('unclear');
      expect((await cluster.result(handle)).outcome).toBe('unknown');
    },
  },
  {
    id: 'resolve/not-dialled',
    rule: 'resolve as not dialed: failed, the phone did not ring',
    run: async () => {
      const number = `${PREFIX}${nextNumber++}`;
      const plan = { post: { kind: 'cut', dials: false }, webhooks: { events: [] } };
      await cluster.plan({ numbers: { [number]: plan } });
      const handle = await cluster.start(taskQueue, inputFor(number));
      await until(async () => (await cluster.view(handle)).phase === 'unclear');
      await handle.executeUpdate('resolve', {
        args: [{ dialled: false, reason: 'not in the log' }],
      });
      const result = await cluster.result(handle);
      expect(result).toMatchObject({
        outcome: 'failed',
        attempts: [{ outcome: 'failed', rangPhone: false, learnedBy: 'resolve' }],
      });
    },
  },
];

runRows(rows, async () => {
  cluster = await startCluster();
  ({ taskQueue } = await cluster.worker());
});

afterAll(async () => {
  await cluster.stop();
});
