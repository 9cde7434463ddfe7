import { untilInterrupted } from '../../../src/cli/shared/interruptible';

describe('untilInterrupted', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends at %s, whatever it waits for', async (name) => {
    let signal: AbortSignal | undefined;
    const ended = untilInterrupted((given) => {
      signal = given;
      return new Promise(() => undefined);
    });
    process.emit(name);
    await expect(ended).resolves.toBe('interrupted');
    expect(signal?.aborted).toBe(true);
  });

  it('leaves no listener behind', async () => {
    const before = process.listenerCount('SIGINT');
    await expect(untilInterrupted(async () => 'done')).resolves.toBe('done');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
