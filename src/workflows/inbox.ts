import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Resolution } from '../call/api-types';

/** The resolutions that operators send for one unclear attempt. Each unclear attempt has an inbox of its own. */
export type Inbox = ReturnType<typeof openInbox>;

export function openInbox() {
  const pending: Resolution[] = [];
  let submitted = 0;
  let answered = 0;
  let isClosed = false;

  return {
    get hasNext(): boolean {
      return pending.length > 0;
    },

    /** Takes the oldest resolution. Call `answer` once it has been acted on. */
    next(): Resolution | undefined {
      return pending.shift();
    },

    /** Lets the handler of the oldest unanswered resolution return. */
    answer(): void {
      answered += 1;
    },

    close(): void {
      isClosed = true;
    },

    /**
     * Waits until the main loop has acted on the resolution.
     *
     * @throws ApplicationFailure `NotNow`, if other evidence settled the attempt first.
     */
    async submit(resolution: Resolution): Promise<void> {
      const mine = ++submitted;
      pending.push(resolution);
      await condition(() => answered >= mine || isClosed);
      if (answered >= mine) return;
      const message =
        'NotNow: other evidence settled the attempt before this resolution was applied; see `getCall`';
      throw ApplicationFailure.nonRetryable(message, 'NotNow');
    },
  };
}
