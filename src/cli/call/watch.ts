import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { printableLine } from '../../call/text/characters';
import type { AttemptReport, CallView } from '../../call/api-types';
import { getCall } from '../../workflows/messages';
import type { CommonFlags, TimeFormat } from '../shared/flags';
import { EXIT, exitCodeFor } from '../shared/exit-codes';
import { flagLines } from './flag-lines';
import { interruptible } from '../shared/interruptible';
import { note, print, printNext } from '../shared/output';
import { resultOf } from './result';
import { ask, handleOf, notFound, withTemporal } from '../shared/connect';
import type { Temporal } from '../../temporal/client';
import { UnansweredError } from '../shared/temporal-errors';
import { timeText } from '../shared/time-text';

const LOOK_EVERY_MS = 1_000;

/** Tells a call's phases as they come, a line each, until it has ended; the exit is that of its outcome. */
export async function watch(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, (temporal) => interruptible(id, () => follow(id, flags, temporal)));
}

/** Tells where a call stands now. */
export async function describe(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, async (temporal) => {
    const view = await look(temporal, await handleOf(temporal, id));
    print(flags.output, view, toText(view, flags.timeFormat));
    return EXIT.done;
  });
}

/** A view as people read it: the same words as in the Temporal UI. */
export function toText(view: CallView, format: TimeFormat): string {
  const steps = view.can.length === 0 ? [] : [`you can: ${view.can.join(', ')}`];
  const attempts = view.attempts.flatMap((attempt) => [
    attemptLine(attempt),
    ...flagLines(attempt),
  ]);
  return [`${printableLine(view.workflowId)}  ${toLine(view, format)}`, ...attempts, ...steps].join(
    '\n',
  );
}

function attemptLine({ number, outcome, callId = 'no id yet' }: AttemptReport): string {
  return `  attempt ${number}: ${outcome ?? 'open'}, call ${printableLine(callId)}`;
}

/** The state of a call. @throws UnansweredError where no worker answers for it; KnownError where there is no such call. */
export async function look(temporal: Temporal, handle: WorkflowHandle): Promise<CallView> {
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
    const seen = await look(temporal, handle).catch(passOver);
    const line = seen instanceof UnansweredError ? seen.message : toLine(seen, 'raw');
    if (line !== last) tellChange(flags, seen);
    last = line;
    const phase = seen instanceof UnansweredError ? undefined : seen.phase;
    if (phase === 'ended') return exitCodeFor((await resultOf(handle)).outcome);
    const { status } = await handle.describe();
    // It has failed or was ended from outside; a completed one says so itself at the next look.
    if (status.name !== 'RUNNING' && (status.name !== 'COMPLETED' || phase === undefined)) {
      return exitCodeFor((await resultOf(handle)).outcome);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** Workers come and go; the call is still there. */
function passOver(error: unknown): UnansweredError {
  if (error instanceof UnansweredError) return error;
  throw error;
}

function tellChange({ output, timeFormat }: CommonFlags, seen: CallView | UnansweredError): void {
  if (seen instanceof UnansweredError) {
    note(seen.message);
    return;
  }
  const text = `${timeText(seen.since, timeFormat)}  ${toLine(seen, timeFormat)}`;
  printNext(output, seen, text);
}

function toLine({ phase, outcome, because, nextAt }: CallView, format: TimeFormat): string {
  const next = nextAt === undefined ? '' : `  next ${timeText(nextAt, format)}`;
  return `${phase}${outcome === undefined ? '' : ` ${outcome}`}  ${printableLine(because)}${next}`;
}
