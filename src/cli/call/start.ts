import { randomUUID } from 'node:crypto';
import { nextOpeningMs } from '../../activities/calling-window';
import { isUsableKey } from '../../call/call-key';
import { freeze } from '../../call/dial-request';
import { toKey, toWorkflowId, type OutboundCallInput } from '../../call/input';
import { hiddenInName } from '../../call/text/characters';
import { canHaveAttributes, readStarterSettings, startOrFind } from '../../client/start-call';
import { loadEnvironment } from '../../runtime/process';
import { readTemporalSettings } from '../../temporal/client';
import { checkedInput } from './checked-input';
import { withFlags, type CommonFlags } from '../shared/flags';
import { EXIT } from '../shared/exit-codes';
import { interruptible } from '../shared/interruptible';
import { refuseSpecial } from './phone-number';
import type { SpecialKind } from '../shared/parsers';
import { note, print, type OutputFormat } from '../shared/output';
import { printResult } from './result';
import { readStartFlags, type StartFlags } from './start-flags';
import { withTemporal } from '../shared/connect';
import { usageError } from '../shared/usage-error';

/** Starts one call, or finds the call with the same key. Prints its workflow ID, or with `--wait` its result. */
export async function start(
  flags: StartFlags &
    CommonFlags & {
      readonly key?: string;
      readonly allowKind?: readonly SpecialKind[];
      readonly wait?: boolean;
      readonly transcript?: boolean;
      readonly dryRun?: boolean;
    },
): Promise<number> {
  const input = checkedInput(await readStartFlags(flags));
  refuseSpecial(input.call.phone_number, flags.allowKind);
  const workflowId = toId(flags.key, input.call.phone_number);
  if (flags.dryRun) {
    const { namespace } = readTemporalSettings(withFlags(loadEnvironment(), flags));
    printPlan(flags.output, namespace, workflowId, input);
    return EXIT.done;
  }
  warnOfNightCalls([input]);
  return withTemporal(flags, async (temporal, env) => {
    const { taskQueue, searchAttributes } = readStarterSettings(env);
    const key = toKey(workflowId);
    // Printed before the request: if the response is lost, retrying with this key is safe.
    if (flags.key === undefined) note(`Key of this call: ${key}`);
    const started = await startOrFind(temporal.client, workflowId, input, {
      taskQueue,
      hasAttributes: await canHaveAttributes(
        temporal.connection,
        temporal.namespace,
        searchAttributes,
      ),
    });
    if (started.existed) note('This key was started before. No new call was started.');
    if (flags.wait) return interruptible(key, () => printResult(flags, started.handle));
    print(flags.output, { workflowId }, workflowId);
    note(`Next: temporal truedy watch ${key}`);
    return EXIT.done;
  });
}

/** The earliest time to dial: `at once` or an ISO 8601 time. */
export function firstOpening({ notBefore, window }: OutboundCallInput): string {
  const fromMs = notBefore === undefined ? Date.now() : Date.parse(notBefore);
  const opensMs = window === undefined ? fromMs : nextOpeningMs(window, fromMs);
  return opensMs <= Date.now() ? 'at once' : new Date(opensMs).toISOString();
}

/** The exact body of the first attempt's request. */
export function firstBody(input: OutboundCallInput, namespace: string, workflowId: string): string {
  const run = { runId: '', firstRunId: '' };
  return freeze(input.call, { namespace, workflowId, attempt: 1, ...run }, '').body;
}

export function warnOfNightCalls(inputs: readonly OutboundCallInput[]): void {
  const mayRedialAtNight = inputs.some(
    ({ redial, window }) => (redial?.maxAttempts ?? 1) > 1 && window === undefined,
  );
  if (mayRedialAtNight)
    note('Warning: without calling hours (--window), a redial may ring at night.');
}

// --- internal ---

function toId(given: string | undefined, number: string): string {
  const workflowId = toWorkflowId(given ?? randomUUID());
  const key = toKey(workflowId);
  if (isUsableKey(key, number)) return workflowId;
  const hidden = hiddenInName(key);
  const named = hidden === undefined ? '' : `\n        It contains ${hidden}.`;
  throw usageError(
    `TT3004  --key must be printable ASCII without spaces and backslashes, at most 1,000 bytes, and not a phone number.${named}`,
    '--key order-4711',
  );
}

function printPlan(
  format: OutputFormat,
  namespace: string,
  workflowId: string,
  input: OutboundCallInput,
): void {
  const body = firstBody(input, namespace, workflowId);
  const firstDial = firstOpening(input);
  const text = [
    'Nothing was started. The exact request would be:',
    `  workflow id  ${workflowId}`,
    `  POST /calls  ${body}`,
    `  first dial   ${firstDial}`,
    `  window       ${input.window === undefined ? 'always open' : JSON.stringify(input.window)}`,
  ];
  print(format, { workflowId, body, firstDial, input }, text.join('\n'));
}
