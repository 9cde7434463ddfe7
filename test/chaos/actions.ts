import { ServiceError, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Action } from './facts';
import { isTransient } from './retries';

export type Actions = ReturnType<typeof createActions>;

/** Records what people do to one call, with the answers. */
export function createActions() {
  const actions: { -readonly [Name in keyof Action]: Action[Name] }[] = [];
  const open = new Set<Promise<void>>();
  return {
    all: actions as readonly Action[],

    /** Performs an action and waits for its answer. */
    async do(
      action: Omit<Action, 'atMs' | 'answer' | 'answeredMs'>,
      act: () => Promise<unknown>,
    ): Promise<void> {
      const entry: (typeof actions)[number] = { ...action, atMs: Date.now() };
      actions.push(entry);
      const done = act().then(
        () => 'accepted',
        (error: unknown) => answerIn(error),
      );
      const kept = done.then((answer) => {
        entry.answer = answer;
        entry.answeredMs = Date.now();
        open.delete(kept);
      });
      open.add(kept);
      await kept;
    },

    /** Resolves once every action is answered, or after `withinMs`. */
    async settled(withinMs: number): Promise<void> {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((end) => (timer = setTimeout(end, withinMs)));
      await Promise.race([Promise.all(open), late]);
      clearTimeout(timer);
    },
  };
}

function answerIn(error: unknown): string {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? cause.type : undefined;
    // A run that closes or is reset answers its pending updates.
    return type === 'NotNow' || type === 'InvalidInput'
      ? type
      : closedOr(`${cause?.name}: ${cause?.message}`);
  }
  if (error instanceof WorkflowNotFoundError) return 'closed';
  if (isTransient(error) || isTaskFailing(error)) return 'unavailable';
  return closedOr(error instanceof Error ? textOf(error) : 'unknown error');
}

/** The server accepts no update while the workflow task of a run fails, as that of a worker that was frozen in it. */
function isTaskFailing(error: unknown): boolean {
  const { cause } = error instanceof ServiceError ? error : {};
  return cause instanceof Error && /Workflow Task in failed state/.test(cause.message);
}

function textOf({ name, message, cause }: Error): string {
  return `${name}: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`;
}

function closedOr(text: string): string {
  return /completed|closed|terminated|already|not found|reset/i.test(text)
    ? 'closed'
    : `error ${text}`;
}
