import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CallView } from '../call/messages';
import { spanText } from '../call/words';
import { getCall } from '../workflows/messages';
import type { CommonFlags, TimeFormat } from './common-flags';
import { EXIT, exitOf } from './exits';
import { tell, tellNext } from './output';
import { resultOf } from './result';
import { handleOf, notFound, withTemporal } from './temporal';

const LOOK_EVERY_MS = 1_000;

/** Tells a call's phases as they come, a line each, until it has ended; the exit is that of its outcome. */
export async function watch(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, async ({ client }) => {
    const handle = handleOf(client, id);
    let last = '';
    for (;;) {
      const view = await look(handle, id);
      const line = toLine(view, flags.timeFormat);
      const text = `${timeText(view.since, flags.timeFormat)}  ${line}`;
      // A distance from now is another one at every look, and no news.
      const news = toLine(view, 'raw');
      if (news !== last) tellNext(flags.output, view, text);
      last = news;
      if (view.phase === 'ended') return exitOf((await resultOf(handle)).outcome);
      const { status } = await handle.describe();
      // Ended from outside, so that the run itself could not say so, or a moment ago.
      if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') await resultOf(handle);
      await sleep(LOOK_EVERY_MS);
    }
  });
}

/** Tells where a call stands now. */
export async function describe(id: string, flags: CommonFlags): Promise<number> {
  return withTemporal(flags, async ({ client }) => {
    const view = await look(handleOf(client, id), id);
    tell(flags.output, view, toText(view, flags.timeFormat));
    return EXIT.done;
  });
}

/** A view as people read it: the same words as in the Temporal UI. */
export function toText(view: CallView, format: TimeFormat): string {
  const steps = view.can.length === 0 ? [] : [`you can: ${view.can.join(', ')}`];
  const attempts = view.attempts.map(
    ({ number, outcome = 'open', callId = 'no id yet' }) =>
      `  attempt ${number}: ${outcome}, call ${callId}`,
  );
  return [`${view.workflowId}  ${toLine(view, format)}`, ...attempts, ...steps].join('\n');
}

// --- internal ---

async function look(handle: ReturnType<typeof handleOf>, id: string): Promise<CallView> {
  try {
    return await handle.query(getCall);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(id);
    throw error;
  }
}

function toLine({ phase, outcome, because, nextAt }: CallView, format: TimeFormat): string {
  const next = nextAt === undefined ? '' : `  next ${timeText(nextAt, format)}`;
  return `${phase}${outcome === undefined ? '' : ` ${outcome}`}  ${because}${next}`;
}

function timeText(instant: string, format: TimeFormat): string {
  if (format !== 'relative') return instant;
  const distanceMs = Date.parse(instant) - Date.now();
  return distanceMs > 0 ? `in ${spanText(distanceMs)}` : `${spanText(-distanceMs)} ago`;
}
