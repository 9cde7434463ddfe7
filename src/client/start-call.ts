import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type ConnectionLike,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, TypedSearchAttributes } from '@temporalio/common';
import { invalidInput } from '../activities/invalid-input';
import type { CallResult } from '../call/api-types';
import { invalidKey } from '../call/call-key';
import { toWorkflowId, type OutboundCallInput } from '../call/input';
import { staticSummary } from '../call/text/current-details';
import { invalidSettings } from '../runtime/parse-settings';
import { currentEnvironment } from '../runtime/process';
import { missingSearchAttributes } from '../temporal/search-attributes';
import { inputProblems } from './input-problems';
import { WORKFLOW_TYPE } from '../workflows/messages';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CAMPAIGN,
  TRUEDY_PHASE,
} from '../workflows/search-attributes';

/** The handle of a call. `result()` returns its `CallResult`; queries and updates are in `temporal-truedy/workflow`. */
export type CallHandle = WorkflowHandle<(input: OutboundCallInput) => Promise<CallResult>>;

/**
 * Starts a call, or finds the call that was started with the same key, whether it is running or has ended.
 *
 * @param options.key Identifies the call. Printable ASCII, at most 995 characters, and not a phone number, because the
 *   workflow ID `call/<key>` is not encrypted.
 * @param options.taskQueue Default: `TRUEDY_TASK_QUEUE`, else `truedy-calls`.
 * @throws ApplicationFailure `InvalidInput` if the input has problems or the key is not usable. Nothing was started.
 *   `toTruedyFailure` lists the problems.
 */
export async function startCall(
  client: Client,
  input: OutboundCallInput,
  options: { readonly key: string; readonly taskQueue?: string },
): Promise<CallHandle> {
  const problems = inputProblems(input);
  if (problems.length > 0) throw invalidInput(problems);
  const unusable = invalidKey(options.key, input);
  if (unusable !== undefined) throw ApplicationFailure.create(unusable);
  const settings = readStarterSettings(currentEnvironment());
  const { handle } = await startOrFind(client, toWorkflowId(options.key), input, {
    taskQueue: options.taskQueue ?? settings.taskQueue,
    hasAttributes: await hasAttributes(client, settings.searchAttributes),
  });
  return handle;
}

/** The workflow ID of the call with this key: `call/<key>`. */
export function callWorkflowId(key: string): string {
  return toWorkflowId(key);
}

/** Starts the workflow, or finds the one with this ID, whether it is running or has ended. */
export async function startOrFind(
  client: Client,
  workflowId: string,
  input: OutboundCallInput,
  options: { readonly taskQueue: string; readonly hasAttributes?: boolean },
): Promise<{ readonly handle: CallHandle; readonly existed: boolean }> {
  const { call, labels } = input;
  try {
    const handle = await client.workflow.start<(input: OutboundCallInput) => Promise<CallResult>>(
      WORKFLOW_TYPE,
      {
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
      },
    );
    return { handle, existed: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { handle: client.workflow.getHandle(workflowId), existed: true };
  }
}

/** The settings of a worker that also apply to a start. @throws SettingsError */
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
  connection: Pick<ConnectionLike, 'operatorService'>,
  namespace: string,
  setting: string,
): Promise<boolean> {
  if (setting !== 'auto') return setting === 'on';
  return (await missingSearchAttributes(connection, namespace)).length === 0;
}

// --- internal ---

/** What the namespace of each client has: asked once, because it changes only when an operator registers them. */
const KNOWN = new WeakMap<Client, boolean>();

async function hasAttributes(client: Client, setting: string): Promise<boolean> {
  const known = KNOWN.get(client);
  if (known !== undefined) return known;
  const { connection, options } = client;
  const found = await canHaveAttributes(connection, options.namespace, setting);
  KNOWN.set(client, found);
  return found;
}

function toAttributes({ call, labels }: OutboundCallInput): TypedSearchAttributes {
  const campaign = labels?.['campaign'];
  return new TypedSearchAttributes([
    { key: TRUEDY_PHASE, value: 'placing' },
    { key: TRUEDY_ATTEMPT, value: 1 },
    { key: TRUEDY_AGENT_ID, value: call.agent_id },
    ...(campaign === undefined ? [] : [{ key: TRUEDY_CAMPAIGN, value: campaign }]),
  ]);
}
