import type { WorkflowHandle } from '@temporalio/client';
import { inPhase } from '../support/steer';
import { recordHistory } from '../support/histories';
import { inputFor, startRig, until, type Rig } from '../support/rig';

/**
 * One run for each course a call can take. The histories are stored in `test/histories/<version>` and replayed by
 * `replay.test.ts`. To create them again: `UPDATE_HISTORIES=1 npx jest test/workflows/chapters`.
 */
const SHORT = {
  call: { call_settings: { max_duration: '60s', join_timeout: '10s' } },
  placement: { settle: '90s' },
};
const HOUR = 3_600_000;

let rig: Rig;
let nextNumber = 6_000;

beforeAll(async () => {
  rig = await startRig();
});

afterAll(async () => {
  await rig.stop();
});

interface Chapter {
  readonly name: string;
  readonly plan: object | readonly object[];
  readonly input?: () => Parameters<typeof inputFor>[1];
  /** What operators and Truedy do during the run. */
  readonly meanwhile?: (handle: WorkflowHandle) => Promise<unknown>;
  /** A part of the result, or the type of the failure. */
  readonly ends: object | string;
}

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const silent = { webhooks: { events: [] } };
const lost = { post: { kind: 'cut', dials: true } };
const neverSent = { post: { kind: 'cut', dials: false }, ...silent };
const broke = { post: { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false } };
const failed = { post: { kind: 'says_failed', corrected: false }, ...silent };

async function send(handle: WorkflowHandle, update: string, input?: object): Promise<void> {
  if (input === undefined) await handle.executeUpdate(update);
  else await handle.executeUpdate<unknown, [object]>(update, { args: [input] });
}

const CHAPTERS: readonly Chapter[] = [
  {
    name: 'redial',
    plan: [{ phone: 'no_answer' }, {}],
    input: () => ({ redial: { maxAttempts: 2, after: { no_answer: ['1m'] } } }),
    ends: { outcome: 'answered', attempts: [{ outcome: 'no_answer' }, { outcome: 'answered' }] },
  },
  {
    name: 'redial-now',
    plan: [{ phone: 'busy' }, {}],
    input: () => ({ redial: { maxAttempts: 2, after: { busy: ['30d'] } } }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'redial_wait');
      await send(handle, 'redialNow');
    },
    ends: { outcome: 'answered' },
  },
  {
    name: 'settle-by-listing',
    plan: { ...lost, ...silent },
    ends: { outcome: 'answered', attempts: [{ placedBy: 'listing' }] },
  },
  {
    name: 'settle-by-webhook',
    plan: lost,
    input: () => ({ placement: { settle: '1h' } }),
    ends: { outcome: 'answered', attempts: [{ placedBy: 'webhook' }] },
  },
  {
    name: 'settle-by-look',
    plan: { ...lost, webhooks: { events: ['call.started'], shape: 'W1', echo: true } },
    ends: { outcome: 'answered' },
  },
  {
    name: 'unknown',
    plan: neverSent,
    ends: { outcome: 'unknown', attempts: [{ outcome: 'unknown', rangPhone: true }] },
  },
  {
    name: 'resolve-dialed',
    plan: { ...lost, ...silent },
    input: () => ({ placement: { settle: '1h' } }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'unclear');
      const { dials } = await until(async () => {
        const seen = await rig.seen(handle);
        return seen.dials.length > 0 && seen;
      });
      await send(handle, 'resolve', { dialled: true, callId: dials[0]?.callId });
    },
    ends: { outcome: 'answered', attempts: [{ placedBy: 'resolve' }] },
  },
  {
    name: 'resolve-not-dialed',
    plan: [neverSent, {}],
    input: () => ({ redial: { maxAttempts: 2, after: { failed: ['1m'] } } }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'unclear');
      await send(handle, 'resolve', { dialled: false });
    },
    ends: { outcome: 'answered', attempts: [{ learnedBy: 'resolve' }, { outcome: 'answered' }] },
  },
  {
    name: 'hold',
    plan: [broke, {}],
    input: () => ({ expiresAt: soon(HOUR) }),
    ends: { outcome: 'answered' },
  },
  {
    name: 'confirm-failure',
    plan: [failed, {}],
    input: () => ({ redial: { maxAttempts: 2, after: { failed: ['1m'] } } }),
    ends: { attempts: [{ outcome: 'failed' }, { outcome: 'answered' }] },
  },
  {
    name: 'window',
    plan: {},
    input: () => ({
      window: { timeZone: 'Etc/UTC', from: '00:00', to: '23:59' },
      notBefore: soon(1_000),
    }),
    ends: { outcome: 'answered' },
  },
  {
    name: 'artifacts',
    plan: { artifactsAfterMs: 1_000 },
    input: () => ({ completion: { artifacts: '10m' } }),
    ends: { outcome: 'answered' },
  },
  {
    name: 'rate-limited',
    plan: [{ post: { kind: 'answer', status: 429, dials: false, resetAfterMs: 1_200 } }, {}],
    ends: { outcome: 'answered' },
  },
  {
    name: 'reschedule-and-cancel',
    plan: {},
    input: () => ({ notBefore: soon(HOUR) }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'waiting');
      await send(handle, 'reschedule', { notBefore: soon(2 * HOUR) });
      await handle.cancel();
    },
    ends: { outcome: 'cancelled', cancellation: 'prevented', attempts: [] },
  },
  {
    name: 'cancel-live',
    plan: { phone: 'stuck_ringing' },
    meanwhile: async (handle) => {
      const { callId } = await inPhase(handle, 'ringing');
      await handle.cancel();
      await rig.control(`calls/${callId}/end`, { status: 'ended', duration_seconds: 7 });
      await rig.control('deliver', { callId, event: 'call.ended' });
    },
    ends: { outcome: 'answered', cancellation: 'too_late' },
  },
  {
    name: 'stop',
    plan: { phone: 'busy' },
    input: () => ({ redial: { maxAttempts: 2, after: { busy: ['30d'] } } }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'redial_wait');
      await send(handle, 'stop', { reason: 'paid' });
    },
    ends: { outcome: 'busy' },
  },
  {
    name: 'flagged',
    plan: { phone: 'no_answer' },
    input: () => ({ redial: { maxAttempts: 2, after: { no_answer: ['30d'] } } }),
    meanwhile: async (handle) => {
      await inPhase(handle, 'redial_wait');
      const event = { event: 'call.joined', attempt: 1, ids: [], receivedAt: '' };
      await handle.signal('callEvent', event);
    },
    ends: { outcome: 'no_answer', attempts: [{ flags: ['contradicted'] }] },
  },
  {
    name: 'expired',
    plan: {},
    input: () => ({ expiresAt: soon(-1_000) }),
    ends: { outcome: 'expired' },
  },
  {
    name: 'refused',
    plan: { post: { kind: 'answer', status: 403, code: 'forbidden', dials: false } },
    ends: 'forbidden',
  },
];

/** Runs one chapter to its end. Returns the result, or the type of the failure. */
async function play({ name, plan, input, meanwhile }: Chapter): Promise<unknown> {
  const number = `+1415555${nextNumber++}`;
  await rig.plan({ numbers: { [number]: plan } });
  const handle = await rig.start(inputFor(number, { ...SHORT, ...input?.() }));
  const end = handle.result().catch((error: { cause?: { type?: string } }) => error.cause?.type);
  await meanwhile?.(handle);
  const ended = await end;
  await recordHistory(name, () => rig.historyJson(handle));
  return ended;
}

describe('a run with the chapter', () => {
  // In parallel: a chapter mostly waits.
  let played: Map<Chapter, Promise<unknown>>;

  beforeAll(() => {
    played = new Map(CHAPTERS.map((chapter) => [chapter, play(chapter)]));
    for (const end of played.values()) end.catch(() => undefined);
  });

  it.each(CHAPTERS.map((chapter) => [chapter.name, chapter] as const))('%s', async (_, chapter) => {
    const ended = await played.get(chapter);
    if (typeof chapter.ends === 'string') expect(ended).toBe(chapter.ends);
    else expect(ended).toMatchObject(chapter.ends);
  });
});
