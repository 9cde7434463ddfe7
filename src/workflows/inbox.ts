import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Resolution } from '../call/api-types';

/** What people said of one unclear attempt: it begins and ends with that, so nothing of it reaches the next one. */
export type Inbox = ReturnType<typeof openInbox>;

export function openInbox() {
  const waiting: Resolution[] = [];
  let asked = 0;
  let answered = 0;
  let isClosed = false;

  return {
    /** Whether somebody's word waits to be acted on. */
    get hasNext(): boolean {
      return waiting.length > 0;
    },

    /** The oldest word; the one before it counts as answered. */
    next(): Resolution | undefined {
      return waiting.shift();
    },

    /** The main loop has acted on the oldest word. */
    answer(): void {
      answered += 1;
    },

    close(): void {
      isClosed = true;
    },

    /** Waits until the main loop has acted on it. @throws ApplicationFailure `NotNow`, where something else settled the attempt first. */
    async ask(resolution: Resolution): Promise<void> {
      const mine = ++asked;
      waiting.push(resolution);
      await condition(() => answered >= mine || isClosed);
      if (answered >= mine) return;
      const why = 'NotNow: the attempt was settled before this was acted on; see getCall';
      throw ApplicationFailure.nonRetryable(why, 'NotNow');
    },
  };
}
