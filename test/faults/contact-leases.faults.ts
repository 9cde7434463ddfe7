import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import type { TruedyClient } from '../../src/truedy/client';
import { CONTACT_KEY, inputFor, startRig, until } from '../support/rig';

/** A lease lasts for most of a minute even at 1:1000, because the time that a request may take is not scaled. */

it('frees the person at the end of the lease if a run was terminated', async () => {
  const rig = await startRig({
    contactPolicy: { timeZone: 'UTC', concurrent: 1 },
    timeScale: 1_000,
  });
  try {
    const number = '+14155552901';
    await rig.plan({ defaults: { phone: 'stuck_in_progress' } });
    const lost = await rig.start(inputFor(number));
    const read = () => readContact(rig.client, contactWorkflowId(CONTACT_KEY, number));
    const [open] = await until(async () => {
      const { open: found } = (await read().catch(() => undefined)) ?? { open: [] };
      return found.length === 1 ? found : undefined;
    });
    await lost.terminate();
    await rig.plan({});
    const next = await rig.start(inputFor(number));
    await next.result();
    const { dials } = await rig.seen(next);
    expect(Date.parse(dials[0]?.at ?? '')).toBeGreaterThanOrEqual(open?.leaseEndMs ?? Infinity);
    // A dial that may have happened counts.
    expect((await read()).dials).toHaveLength(2);
  } finally {
    await rig.stop();
  }
});

it('counts a dial and frees the person if the worker was lost after the reservation', async () => {
  let stop = (_error: Error): void => undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  lost.catch(() => undefined);
  const truedy: TruedyClient = {
    // As a worker that was killed: it reserved, and nobody knows whether it sent.
    placeCall: async (_request, _replyMs, beforeSend) => {
      await beforeSend();
      return lost;
    },
    readCall: () => Promise.reject(new Error('not placed')),
    listCalls: async () => [],
  };
  const options = { contactPolicy: { timeZone: 'UTC', concurrent: 1 }, timeScale: 1_000, truedy };
  const rig = await startRig(options);
  try {
    const number = '+14155552902';
    const handle = await rig.start(inputFor(number));
    const read = () => readContact(rig.client, contactWorkflowId(CONTACT_KEY, number));
    await until(async () => (await read().catch(() => undefined))?.open.length === 1);
    expect(await handle.result()).toMatchObject({ outcome: 'unknown' });
    expect(await read()).toMatchObject({ open: [], dials: [{ outcome: 'unknown' }] });
  } finally {
    stop(new Error('stopped'));
    await rig.stop();
  }
});
