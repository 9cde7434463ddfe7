import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Deed } from './facts';
import { isAway } from './patience';

export type Deeds = ReturnType<typeof createDeeds>;

/** What people do to one call; each deed is kept with its answer. */
export function createDeeds() {
  const deeds: { -readonly [Name in keyof Deed]: Deed[Name] }[] = [];
  const open = new Set<Promise<void>>();
  return {
    all: deeds as readonly Deed[],

    /** Does it and waits for what comes back. */
    async do(
      deed: Omit<Deed, 'atMs' | 'answer' | 'answeredMs'>,
      act: () => Promise<unknown>,
    ): Promise<void> {
      const entry: (typeof deeds)[number] = { ...deed, atMs: Date.now() };
      deeds.push(entry);
      const done = act().then(
        () => 'taken',
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

    /** Until every deed is answered; no longer than so long. */
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
    // A run that closes, or is reset, answers what it has not acted on yet.
    return type === 'NotNow' || type === 'InvalidInput'
      ? type
      : closedOr(`${cause?.name}: ${cause?.message}`);
  }
  if (error instanceof WorkflowNotFoundError) return 'closed';
  if (isAway(error)) return 'away';
  return closedOr(error instanceof Error ? textOf(error) : 'something else');
}

function textOf({ name, message, cause }: Error): string {
  return `${name}: ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`;
}

function closedOr(text: string): string {
  return /completed|closed|terminated|already|not found|reset/i.test(text)
    ? 'closed'
    : `error ${text}`;
}
