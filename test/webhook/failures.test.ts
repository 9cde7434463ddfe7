import { createFailures } from '../../src/webhook/failures';
import { bridge, ended, headersFor, NOW_MS } from './support/bridge';

const BODY = ended();
const FORGED = { ...headersFor(BODY), 'x-truedy-signature': '0'.repeat(64) };

/** So many failures of one source; what is said of the last one. */
function last(failures: ReturnType<typeof createFailures>, times: number, source = 'a') {
  return Array.from({ length: times }, () => failures.count(source)).at(-1);
}

describe('failures of a source', () => {
  it('are usual up to a hundred in a minute', () => {
    const failures = createFailures(() => NOW_MS);
    expect(last(failures, 100)).toBe('usual');
    expect([last(failures, 1), last(failures, 1)]).toEqual(['first_over', 'over']);
  });

  it('are counted anew each minute', () => {
    let nowMs = NOW_MS;
    const failures = createFailures(() => nowMs);
    last(failures, 101);
    nowMs += 59_999;
    expect(last(failures, 1)).toBe('over');
    nowMs += 1;
    expect(last(failures, 1)).toBe('usual');
  });

  it('are none of another source', () => {
    const failures = createFailures(() => NOW_MS);
    last(failures, 200);
    expect(last(failures, 1, 'b')).toBe('usual');
  });

  it('are forgotten where a thousand others failed since', () => {
    const failures = createFailures(() => NOW_MS);
    last(failures, 200);
    for (let other = 0; other < 1_000; other += 1) failures.count(`other-${other}`);
    expect(last(failures, 1)).toBe('usual');
  });
});

describe('a flood of forged deliveries', () => {
  it('is slowed down and told once, and a genuine one is neither', async () => {
    const slowDown = jest.fn().mockResolvedValue(undefined);
    const [onReceived, onFlood] = [jest.fn(), jest.fn()];
    const { post, deliver } = bridge({ slowDown, onReceived, onFlood });
    for (let sent = 0; sent < 103; sent += 1) {
      expect((await post(BODY, FORGED)).status).toBe(401);
    }
    expect(slowDown).toHaveBeenCalledTimes(3);
    expect(onFlood).toHaveBeenCalledTimes(1);
    expect(onReceived.mock.calls.filter(([, isOver]) => isOver)).toHaveLength(2);
    expect((await deliver(BODY)).status).toBe(204);
    expect(slowDown).toHaveBeenCalledTimes(3);
    expect(onReceived).toHaveBeenLastCalledWith(expect.objectContaining({ fate: 'taken' }), false);
  });
});
