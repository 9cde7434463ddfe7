import { waitForStopRequest } from '../../runtime/process';
import { EXIT } from './exit-codes';
import { note } from './output';

/** Runs `act` until it finishes or the user interrupts. Then `signal` is aborted and `act` is not awaited. */
export async function untilInterrupted<T>(
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'interrupted'> {
  const stop = new AbortController();
  const { signal } = stop;
  const interrupted = waitForStopRequest({ signal }).then(() => 'interrupted' as const);
  try {
    return await Promise.race([act(signal), interrupted]);
  } finally {
    stop.abort();
  }
}

/** Waits for a call until the user interrupts. The call itself continues. @returns The exit code. */
export async function interruptible(id: string, wait: () => Promise<number>): Promise<number> {
  const exit = await untilInterrupted(wait);
  if (exit !== 'interrupted') return exit;
  note(`Interrupted. The call continues: temporal truedy watch ${id}`);
  return EXIT.interrupted;
}
