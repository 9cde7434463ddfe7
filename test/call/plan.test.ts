import * as fc from 'fast-check';
import type { OutboundCallInput } from '../../src/call/input';
import { toPlan } from '../../src/call/plan';

const FACTS = { apiTaskQueue: 'truedy-api', searchAttributes: true, timeScale: 1 };
const CALL = { agent_id: 'agent_01hx', phone_number: '+14155550101' };
const FULL: OutboundCallInput = {
  call: {
    ...CALL,
    variables: { b: '', a: 'ü' },
    call_settings: { max_duration: '1800s', join_timeout: '45s' },
  },
  completion: { mode: 'poll', grace: '1m', pollEvery: '10s', artifacts: '2m' },
  redial: { maxAttempts: 3, after: { no_answer: ['30m', '2h'], busy: ['5m'] } },
  window: { timeZone: 'America/New_York', days: [1, 5], from: '09:00', to: '18:00' },
  notBefore: '2026-12-01T09:00:00-05:00',
  expiresAt: '2026-12-05T18:00:00-05:00',
  placement: { settle: '90s' },
  labels: { campaign: 'spring' },
};

describe('toPlan', () => {
  it('applies the defaults', () => {
    expect(toPlan({ call: CALL }, FACTS, { keys: ['k'] })).toStrictEqual({
      ...FACTS,
      call: CALL,
      completion: { mode: 'webhook', graceMs: 300_000, pollEveryMs: 30_000, artifactsMs: 0 },
      redial: { maxAttempts: 1, afterMs: {} },
      settleMs: 330_000,
      joinTimeoutMs: 30_000,
      maxDurationMs: 3_600_000,
      labels: {},
      idempotencyKeys: ['k'],
    });
  });

  it('applies every setting', () => {
    expect(toPlan(FULL, FACTS, { keys: ['k1', 'k2', 'k3'] })).toEqual({
      ...FACTS,
      call: FULL.call,
      completion: { mode: 'poll', graceMs: 60_000, pollEveryMs: 10_000, artifactsMs: 120_000 },
      redial: {
        maxAttempts: 3,
        afterMs: { no_answer: [1_800_000, 7_200_000], busy: [300_000] },
      },
      window: FULL.window,
      notBeforeMs: Date.parse('2026-12-01T14:00:00Z'),
      expiresAtMs: Date.parse('2026-12-05T23:00:00Z'),
      settleMs: 90_000,
      joinTimeoutMs: 45_000,
      maxDurationMs: 1_800_000,
      labels: { campaign: 'spring' },
      idempotencyKeys: ['k1', 'k2', 'k3'],
    });
  });

  it('contains the digest of the number, which a run compares with deliveries', () => {
    const plan = toPlan(FULL, FACTS, { keys: [], numberDigest: 'd1' });
    expect(plan.numberDigest).toBe('d1');
  });

  it('does not change the call', () => {
    expect(toPlan(FULL, FACTS, { keys: [] }).call).toBe(FULL.call);
  });

  it('divides durations, but not instants, by the time scale into whole milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (timeScale) => {
        const plan = toPlan(FULL, { ...FACTS, timeScale }, { keys: [] });
        const { notBeforeMs, expiresAtMs } = toPlan(FULL, FACTS, { keys: [] });
        expect(plan).toMatchObject({
          notBeforeMs,
          expiresAtMs,
          settleMs: Math.ceil(90_000 / timeScale),
          joinTimeoutMs: Math.ceil(45_000 / timeScale),
          maxDurationMs: Math.ceil(1_800_000 / timeScale),
          completion: {
            graceMs: Math.ceil(60_000 / timeScale),
            pollEveryMs: Math.ceil(10_000 / timeScale),
          },
          redial: { afterMs: { busy: [Math.ceil(300_000 / timeScale)] } },
        });
      }),
    );
  });
});
