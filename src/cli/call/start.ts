import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { nextOpeningMs } from '../../activities/calling-window';
import { isUsableKey } from '../../call/call-key';
import { freeze } from '../../call/dial-request';
import { toKey, toWorkflowId, type OutboundCallInput } from '../../call/input';
import { hiddenInName } from '../../call/text/characters';
import { staticSummary } from '../../call/text/current-details';
import { invalidSettings } from '../../runtime/parse-settings';
import { loadEnvironment } from '../../runtime/process';
import { readTemporalSettings } from '../../temporal/client';
import { missingSearchAttributes } from '../../temporal/search-attributes';
import { WORKFLOW_TYPE } from '../../workflows/messages';
import * as attribute from '../../workflows/search-attributes';
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
import type { Temporal } from '../../temporal/client';
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
    const started = await startCall(temporal.client, workflowId, input, {
      taskQueue,
      hasAttributes: await canHaveAttributes(temporal, searchAttributes),
    });
    if (started.existed) note('This key was started before. No new call was started.');
    if (flags.wait) return interruptible(key, () => printResult(flags, started.handle));
    print(flags.output, { workflowId }, workflowId);
    note(`Next: temporal truedy watch ${key}`);
    return EXIT.done;
  });
}

/** Starts the workflow, or finds the one with this ID, whether it is running or has ended. */
export async function startCall(
  client: Client,
  workflowId: string,
  input: OutboundCallInput,
  options: { readonly taskQueue: string; readonly hasAttributes?: boolean },
): Promise<{ readonly handle: WorkflowHandle; readonly existed: boolean }> {
  const { call, labels } = input;
  try {
    const handle = await client.workflow.start(WORKFLOW_TYPE, {
      workflowId,
      taskQueue: options.taskQueue,
      args: [input],
      // USE_EXISTING would not tell whether the run existed before.
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: staticSummary({
        phoneNumber: call.phone_number,
        agentId: call.agent_id,
        campaign: labels?.['campaign'],
      }),
      ...(options.hasAttributes && { typedSearchAttributes: toAttributes(input) }),
    });
    return { handle, existed: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { handle: client.workflow.getHandle(workflowId), existed: true };
  }
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

/** The settings of a worker that also apply to a start. */
export function readStarterSettings(env: NodeJS.ProcessEnv) {
  const searchAttributes = env['TRUEDY_SEARCH_ATTRIBUTES'] || 'auto';
  if (!['auto', 'on', 'off'].includes(searchAttributes)) {
    const problems = new Map([['TRUEDY_SEARCH_ATTRIBUTES', ['must be auto, on or off']]]);
    throw invalidSettings(env, problems);
  }
  return { taskQueue: env['TRUEDY_TASK_QUEUE'] || 'truedy-calls', searchAttributes };
}

/** Whether the namespace has our search attributes. A start with an unknown one fails. */
export async function canHaveAttributes(
  { connection, namespace }: Temporal,
  setting: string,
): Promise<boolean> {
  if (setting !== 'auto') return setting === 'on';
  return (await missingSearchAttributes(connection, namespace)).length === 0;
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
    `TT3004  --key must be printable ASCII without spaces, at most 1,000 bytes, and not a phone number.${named}`,
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

function toAttributes({ call, labels }: OutboundCallInput): TypedSearchAttributes {
  const campaign = labels?.['campaign'];
  return new TypedSearchAttributes([
    { key: attribute.TRUEDY_PHASE, value: 'placing' },
    { key: attribute.TRUEDY_ATTEMPT, value: 1 },
    { key: attribute.TRUEDY_AGENT_ID, value: call.agent_id },
    ...(campaign === undefined ? [] : [{ key: attribute.TRUEDY_CAMPAIGN, value: campaign }]),
  ]);
}
