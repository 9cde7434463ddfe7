import { requestIdOf } from '../../src/webhook/request-id';

const DELIVERY = {
  workflowId: 'call/order-1',
  event: 'call.ended',
  deliveryId: 'evt_1',
  rawBody: Buffer.from('{"a":1}'),
};
const WITHOUT_ID = { ...DELIVERY, deliveryId: null };

describe('the request id', () => {
  it('of a delivery with an id does not depend on its bytes', () => {
    const rawBody = Buffer.from('{"a":2}');
    expect(requestIdOf({ ...DELIVERY, rawBody })).toBe(requestIdOf(DELIVERY));
  });

  it.each([
    ['another run', DELIVERY, { workflowId: 'call/order-2' }],
    ['another event', DELIVERY, { event: 'call.failed' }],
    ['another id', DELIVERY, { deliveryId: 'evt_2' }],
    ['other bytes, if there is no id', WITHOUT_ID, { rawBody: Buffer.from('{"a":2}') }],
  ])('differs for %s', (_, delivery, change) => {
    expect(requestIdOf({ ...delivery, ...change })).not.toBe(requestIdOf(delivery));
  });
});
