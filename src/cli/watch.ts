import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { CallView } from '../call/messages';
import { getCall } from '../workflows/messages';
import { EXIT, exitOf } from './exits';
import { tell, type OutputFormat } from './output';
import { handleOf, notFound, withTemporal, type ServerFlags } from './temporal';

const LOOK_EVERY_MS = 1_000;

/** Tells a call's phases as they come, a line each, until it has ended. */
export async function watch(
  id: string,
  flags: ServerFlags & { readonly output: OutputFormat },
): Promise<number> {
  return withTemporal(flags, async ({ client }) => {
    const handle = handleOf(client, id);
    let last = '';
    for (;;) {
      const view = await look(handle, id);
      const line = toLine(view);
      if (line !== last) tellLine(flags.output, view, line);
      last = line;
      if (view.phase === 'ended') return exitOf(view.outcome ?? 'unknown');
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING') return EXIT.unknown;
      await sleep(LOOK_EVERY_MS);
    }
  });
}

/** Tells where a call stands now. */
export async function describe(
  id: string,
  flags: ServerFlags & { readonly output: OutputFormat },
): Promise<number> {
  return withTemporal(flags, async ({ client }) => {
    const view = await look(handleOf(client, id), id);
    tell(flags.output, view, toText(view));
    return EXIT.done;
  });
}

/** A view as people read it: the same words as in the Temporal UI. */
export function toText(view: CallView): string {
  const steps = view.can.length === 0 ? [] : [`you can: ${view.can.join(', ')}`];
  const attempts = view.attempts.map(
    ({ number, outcome = 'open', callId = 'no id yet' }) =>
      `  attempt ${number}: ${outcome}, call ${callId}`,
  );
  return [`${view.workflowId}  ${toLine(view)}`, ...attempts, ...steps].join('\n');
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

function toLine({ phase, outcome, because, nextAt }: CallView): string {
  const next = nextAt === undefined ? '' : `  next ${nextAt}`;
  return `${phase}${outcome === undefined ? '' : ` ${outcome}`}  ${because}${next}`;
}

function tellLine(format: OutputFormat, view: CallView, line: string): void {
  if (format === 'json') process.stdout.write(`${JSON.stringify(view)}\n`);
  else tell(format, view, `${view.since}  ${line}`);
}
