import { bridge, ended, headersFor } from './support/bridge';

const BODY = ended();
const OVERLOADED = { status: 503, fate: 'overloaded' };

/** A promise that the test resolves. */
function held<T = void>() {
  let open: (value: T) => void = () => undefined;
  const until = new Promise<T>((resolve) => (open = resolve));
  return { until, open };
}

describe('bodies that are still arriving', () => {
  /** A genuine delivery whose last byte never arrives. */
  function slow(app: ReturnType<typeof bridge>['app']) {
    const reading = held();
    const bytes = Buffer.from(BODY);
    const body = new ReadableStream({
      async pull(controller) {
        controller.enqueue(new Uint8Array(bytes.subarray(0, -1)));
        reading.open();
        await new Promise(() => undefined);
      },
    });
    const init = { method: 'POST', headers: headersFor(BODY), body, duplex: 'half' as const };
    const answer = Promise.resolve(app.request('/webhooks/truedy', init));
    return { answer, reading: reading.until };
  }

  it('are evicted, oldest first, when the capacity is used up', async () => {
    const { app, deliver, received } = bridge({ maxUnverifiedBytes: 5_000 });
    const first = slow(app);
    await first.reading;
    expect((await deliver(BODY)).status).toBe(204);
    // Answered although its sender never finishes.
    const answer = await first.answer;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(answer.headers.get('connection')).toBe('close');
    expect(received).toMatchObject([OVERLOADED, { fate: 'taken' }]);
    expect((await deliver(BODY)).status).toBe(204);
  });

  it('release their capacity when they are rejected', async () => {
    const { post, deliver } = bridge({ maxUnverifiedBytes: 5_000 });
    const forged = { ...headersFor(BODY), 'x-truedy-signature': '0'.repeat(64) };
    expect((await post(BODY, forged)).status).toBe(401);
    expect((await deliver(BODY)).status).toBe(204);
  });
});

describe('verified bodies', () => {
  it('beyond their own capacity are answered 503', async () => {
    const [taken, asked] = [held<'taken'>(), held()];
    const { deliver, received } = bridge({
      maxBytesInFlight: Buffer.byteLength(BODY) + 10,
      signal: () => {
        asked.open();
        return taken.until;
      },
    });
    const first = deliver(BODY);
    await asked.until;
    expect((await deliver(BODY)).status).toBe(503);
    expect(received).toMatchObject([OVERLOADED]);
    taken.open('taken');
    expect((await first).status).toBe(204);
    expect((await deliver(BODY)).status).toBe(204);
  });
});

describe('signals in flight', () => {
  it('beyond their capacity are answered 503 until Temporal is done with one', async () => {
    const [taken, asked] = [held<'taken'>(), held()];
    const { deliver, received } = bridge({
      maxSignalsInFlight: 1,
      signal: () => {
        asked.open();
        return taken.until;
      },
    });
    const first = deliver(BODY);
    await asked.until;
    expect((await deliver(BODY)).status).toBe(503);
    expect(received).toEqual([{ ...OVERLOADED, event: 'call.ended' }]);
    taken.open('taken');
    expect((await first).status).toBe(204);
    expect((await deliver(BODY)).status).toBe(204);
  });

  it('release their capacity when Temporal fails', async () => {
    const failing = jest
      .fn()
      .mockRejectedValueOnce(new Error('unreachable'))
      .mockResolvedValue('taken');
    const { deliver } = bridge({ maxSignalsInFlight: 1, signal: failing });
    expect((await deliver(BODY)).status).toBe(503);
    expect((await deliver(BODY)).status).toBe(204);
  });
});
