import { askedToStop } from '../../runtime/process';
import { EXIT } from './exit-codes';
import { note } from './output';

/** Waits for a call until the wait is broken off: the call itself goes on, and the exit says so. */
export async function interruptible(id: string, wait: () => Promise<number>): Promise<number> {
  const over = new AbortController();
  const interrupted = askedToStop({ signal: over.signal }).then(() => {
    note(`Interrupted. The call goes on: temporal truedy watch ${id}`);
    return EXIT.interrupted;
  });
  try {
    return await Promise.race([wait(), interrupted]);
  } finally {
    over.abort();
  }
}
