import type { WorkflowHandle } from '@temporalio/client';
import { record } from '../../call/support/records';
import { inputFor, startRig, type Rig } from '../../support/rig';
import { scriptVendor, shownCall } from '../../support/scripted-vendor';

/** Attempts whose response was lost, at 1:100: settle 0.9 s, deadline 16 s. Tests that wait for the deadline run at 1:400. */
export const SCALE = 100;
export const NUMBER = '+14155550101';
const SHORT = {
  call: { call_settings: { max_duration: '60s', join_timeout: '10s' } },
  placement: { settle: '90s' },
};

export const TALKED = record({
  id: 'call_1',
  status: 'ended',
  duration_seconds: 61,
  outcome: 'answered',
});
export const QUIET = { status: 'ended', duration_seconds: 0 } as const;

/** A call to our number with the reference. */
export function ours(id: string, reference: string, more: object = {}) {
  return shownCall(id, { phoneNumber: NUMBER, reference, record: more });
}

/** Workers whose vendor the tests of one file script, one test after the other. */
export function unclearCalls() {
  const vendor = scriptVendor();
  const rigs: Partial<Record<'usual' | 'fast', Rig>> = {};

  beforeAll(async () => {
    rigs.usual = await startRig({ timeScale: SCALE, truedy: vendor.client });
    rigs.fast = await startRig({ timeScale: 400, truedy: vendor.client });
  });

  afterAll(async () => {
    await rigs.usual?.stop();
    await rigs.fast?.stop();
  });

  beforeEach(() => {
    const fresh = scriptVendor();
    Object.assign(vendor, { place: fresh.place, read: fresh.read, list: fresh.list });
    for (const log of [vendor.sent, vendor.reads, vendor.lists]) log.length = 0;
  });

  return {
    vendor,
    async begin(
      rest: Parameters<typeof inputFor>[1] = {},
      speed: keyof typeof rigs = 'usual',
    ): Promise<WorkflowHandle> {
      const rig = rigs[speed];
      if (rig === undefined) throw new Error('The workers have not started');
      return rig.start(inputFor(NUMBER, { ...SHORT, ...rest }));
    },
  };
}
