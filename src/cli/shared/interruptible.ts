import { waitForStopRequest } from '../../runtime/process';
import { EXIT } from './exit-codes';
import { note } from './output';

/** Waits for a call until the user interrupts. The call itself continues. @returns The exit code. */
export async function interruptible(id: string, wait: () => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const interrupted = waitForStopRequest({ signal: stop.signal }).then(() => {
    note(`Interrupted. The call continues: temporal truedy watch ${id}`);
    return EXIT.interrupted;
  });
  try {
    return await Promise.race([wait(), interrupted]);
  } finally {
    stop.abort();
  }
}
