import { WorkflowUpdateFailedError } from '@temporalio/client';
import { readStarterSettings } from '../../client/start-call';
import { shellWord } from '../../runtime/text-file';
import { restoreContact } from '../../temporal/contacts';
import { withTemporal } from '../shared/connect';
import { EXIT } from '../shared/exit-codes';
import type { CommonFlags } from '../shared/flags';
import { print } from '../shared/output';
import { runConcurrently } from '../shared/run-concurrently';
import { usageError } from '../shared/usage-error';
import { readUserFile } from '../shared/user-file';
import { parseLines, type OptOuts } from './opt-outs-file';
import { askContact } from './person';

/** Restores the opt-outs of a file from `contact export --opt-outs`. Those that are known stay as they are. */
export async function restore(file: string, flags: CommonFlags): Promise<number> {
  const all = read(file);
  return withTemporal(flags, async (temporal, env) => {
    const { taskQueue } = readStarterSettings(env);
    let [done, added] = [0, 0];
    await runConcurrently([...all], CONCURRENT_UPDATES, async ([workflowId, optOuts]) => {
      const soFar = `Restored: ${done} of ${all.size} contacts. Run the command again: nothing is added twice.`;
      const send = () => restoreContact(temporal.client, { workflowId, taskQueue }, optOuts);
      try {
        const missing = await askContact(temporal, workflowId, send, soFar);
        added += missing;
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError)) throw error;
        const why = error.cause?.message ?? error.message;
        throw usageError(
          `TT5011  ${workflowId}: ${why}`,
          soFar,
          `temporal truedy contact restore ${shellWord(file)}`,
        );
      }
      done += 1;
    });
    const known = countOf(all) - added;
    const text = `Opt-outs restored: ${added}. Known already: ${known}. Contact workflows: ${all.size}.`;
    print(flags.output, { restored: added, known, contacts: all.size }, text);
    return EXIT.done;
  });
}

// --- internal ---

const MAX_BYTES = 256 * 1024 * 1024;
const CONCURRENT_UPDATES = 10;

/** @throws KnownError TT3014 with every problem of the file. */
function read(file: string): OptOuts {
  const { optOuts, problems } = parseLines(readUserFile(file, MAX_BYTES));
  if (problems.length === 0) return optOuts;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw usageError(
    `TT3014  ${file} has ${count}. Nothing was restored.`,
    ...problems,
    'temporal truedy contact export --opt-outs > opt-outs.jsonl',
  );
}

function countOf(all: OptOuts): number {
  return [...all.values()].reduce((sum, { length }) => sum + length, 0);
}
