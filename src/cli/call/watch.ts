import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { printableLine } from '../../call/text/characters';
import type { AttemptReport, CallView } from '../../call/api-types';
import { getCall } from '../../workflows/messages';
import type { CommonFlags } from '../shared/flags';
import { EXIT, exitCodeFor } from '../shared/exit-codes';
import { interruptible } from '../shared/interruptible';
import { note, print, printNext, timeText, type TimeFormat } from '../shared/output';
import { flagLines, resultOf } from './result';
import { ask, handleOf, notFound, withTemporal } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { UnansweredError } from '../shared/temporal-errors';

const POLL_INTERVAL_MS = 1_000;

/** Prints each phase change of a call until it ends. @returns The exit code of its outcome. */
export async function watch(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, (temporal) => interruptible(id, () => follow(id, flags, temporal)));
}

/** Prints the current state of a call. */
export async function describe(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, async (temporal) => {
    const view = await readView(temporal, await handleOf(temporal, id));
    print(flags.output, view, toText(view, flags.timeFormat));
    return EXIT.done;
  });
}

/** The state of a call as text, in the same words as in the Temporal UI. */
export function toText(view: CallView, format: TimeFormat): string {
  const actions = view.can.length === 0 ? [] : [`available actions: ${view.can.join(', ')}`];
  const attempts = view.attempts.flatMap((attempt) => [
    attemptLine(attempt),
    ...flagLines(attempt),
  ]);
  return [
    `${printableLine(view.workflowId)}  ${toLine(view, format)}`,
    ...attempts,
    ...actions,
  ].join('\n');
}

function attemptLine({ number, outcome, callId = 'no ID yet' }: AttemptReport): string {
  return `  attempt ${number}: ${outcome ?? 'open'}, call ${printableLine(callId)}`;
}

/** The state of a call. @throws UnansweredError if no worker answers, KnownError if it does not exist. */
export async function readView(temporal: Temporal, handle: WorkflowHandle): Promise<CallView> {
  try {
    return await ask(temporal, handle, () => handle.query(getCall));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(handle.workflowId);
    throw error;
  }
}

// --- internal ---

async function follow(id: string, flags: CommonFlags, temporal: Temporal): Promise<number> {
  const handle = await handleOf(temporal, id);
  let last: string | undefined;
  for (;;) {
    const view = await readView(temporal, handle).catch(toUnanswered);
    const line = view instanceof UnansweredError ? view.message : toLine(view, 'raw');
    if (line !== last) printChange(flags, view);
    last = line;
    const phase = view instanceof UnansweredError ? undefined : view.phase;
    if (phase === 'ended') return exitCodeFor((await resultOf(handle)).outcome);
    const { status } = await handle.describe();
    // A completed run reports `ended` at the next query, unless no worker answers. A failed one never does.
    if (status.name !== 'RUNNING' && (status.name !== 'COMPLETED' || phase === undefined)) {
      return exitCodeFor((await resultOf(handle)).outcome);
    }
    await sleep(POLL_INTERVAL_MS);
  }
}

/** Workers can be restarted, so an unanswered query is not an error. */
function toUnanswered(error: unknown): UnansweredError {
  if (error instanceof UnansweredError) return error;
  throw error;
}

function printChange({ output, timeFormat }: CommonFlags, view: CallView | UnansweredError): void {
  if (view instanceof UnansweredError) {
    note(view.message);
    return;
  }
  const text = `${timeText(view.since, timeFormat)}  ${toLine(view, timeFormat)}`;
  printNext(output, view, text);
}

function toLine({ phase, outcome, because, nextAt }: CallView, format: TimeFormat): string {
  const next = nextAt === undefined ? '' : `  next ${timeText(nextAt, format)}`;
  return `${phase}${outcome === undefined ? '' : ` ${outcome}`}  ${printableLine(because)}${next}`;
}
