import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { inputFaults, isInput } from '../activities/input-schema';
import { nextOpeningMs } from '../activities/window';
import { freeze } from '../call/attempt';
import { toWorkflowId, type OutboundCallInput } from '../call/input';
import { staticSummary } from '../call/words';
import { wrongSettings } from '../config';
import { KnownError, loadEnvironment } from '../process';
import { readTemporalSettings } from '../temporal/client';
import { missingSearchAttributes } from '../temporal/search-attributes';
import { WORKFLOW_TYPE } from '../workflows/messages';
import {
  TRUEDY_AGENT_ID,
  TRUEDY_ATTEMPT,
  TRUEDY_CAMPAIGN,
  TRUEDY_PHASE,
} from '../workflows/search-attributes';
import { withFlags, type CommonFlags } from './common-flags';
import { EXIT } from './exits';
import { remark, tell, type OutputFormat } from './output';
import { tellResult } from './result';
import { readStartFlags, type StartFlags } from './start-flags';
import { withTemporal, type Temporal } from './temporal';

const MAX_ID_BYTES = 1_000;

/** Starts one call; the same key twice is one call. Tells the workflow id, or with `--wait` the result. */
export async function start(
  flags: StartFlags &
    CommonFlags & {
      readonly key?: string;
      readonly wait?: boolean;
      readonly dryRun?: boolean;
    },
): Promise<number> {
  const input = checked(await readStartFlags(flags));
  const workflowId = toId(flags.key);
  if (flags.dryRun) {
    const { namespace } = readTemporalSettings(withFlags(loadEnvironment(), flags));
    tellPlan(flags.output, namespace, workflowId, input);
    return EXIT.done;
  }
  if ((input.redial?.maxAttempts ?? 1) > 1 && input.window === undefined) {
    remark('No calling hours are set (--window): a redial can ring at night.');
  }
  return withTemporal(flags, async (temporal, env) => {
    const { taskQueue, searchAttributes } = readStarterSettings(env);
    const key = workflowId.replace(/^call\//, '');
    // Before the request: whoever loses its answer can ask again, and it is the same call.
    if (flags.key === undefined) remark(`Key of this call: ${key}`);
    const started = await startCall(temporal.client, workflowId, input, {
      taskQueue,
      attributes: await attributesOf(temporal, searchAttributes, input),
    });
    if (started.before) remark('This key was started before: it is the same call.');
    if (flags.wait) return tellResult(flags.output, started.handle);
    tell(flags.output, { workflowId }, workflowId);
    remark(`Next: temporal truedy watch ${key}`);
    return EXIT.done;
  });
}

/** Starts the workflow, joins it while it runs, or finds the one that has ended. */
export async function startCall(
  client: Client,
  workflowId: string,
  input: OutboundCallInput,
  options: { readonly taskQueue: string; readonly attributes?: TypedSearchAttributes | undefined },
): Promise<{ readonly handle: WorkflowHandle; readonly before: boolean }> {
  const { call, labels } = input;
  try {
    const handle = await client.workflow.start(WORKFLOW_TYPE, {
      workflowId,
      taskQueue: options.taskQueue,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: staticSummary({
        phoneNumber: call.phone_number,
        agentId: call.agent_id,
        campaign: labels?.['campaign'],
      }),
      ...(options.attributes && { typedSearchAttributes: options.attributes }),
    });
    return { handle, before: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { handle: client.workflow.getHandle(workflowId), before: true };
  }
}

// --- internal ---

function checked(input: unknown): OutboundCallInput {
  if (isInput(input)) return input;
  const faults = inputFaults(input);
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new KnownError(
    [
      `TT3001  The input has ${count} (InvalidInput). Nothing was sent.`,
      ...faults.map(({ path, problem }) => `        ${path}  ${problem}`),
      '        temporal truedy start --input call.json --dry-run',
    ].join('\n'),
    EXIT.usage,
  );
}

function toId(key: string = randomUUID()): string {
  const workflowId = toWorkflowId(key);
  const isPlain = /^[\x21-\x7e]+$/.test(workflowId) && workflowId !== 'call/';
  // An id is never encrypted, and it travels to the vendor.
  const isNumber = /^call\/\+?[\d\s().-]{7,}$/.test(workflowId);
  if (isPlain && !isNumber && Buffer.byteLength(workflowId) <= MAX_ID_BYTES) return workflowId;
  throw new KnownError(
    'TT3004  --key is not usable: plain signs without blanks, at most 1,000 bytes, and no phone number.\n' +
      '        --key order-4711',
    EXIT.usage,
  );
}

function tellPlan(
  format: OutputFormat,
  namespace: string,
  workflowId: string,
  input: OutboundCallInput,
): void {
  const run = { runId: '', firstRunId: '' };
  const { body } = freeze(input.call, { namespace, workflowId, attempt: 1, ...run }, '');
  const firstDial = firstOpening(input);
  const text = [
    'Nothing was started. This is what would be sent, to the byte:',
    `  workflow id  ${workflowId}`,
    `  POST /calls  ${body}`,
    `  first dial   ${firstDial}`,
    `  window       ${input.window === undefined ? 'always open' : JSON.stringify(input.window)}`,
  ];
  tell(format, { workflowId, body, firstDial, input }, text.join('\n'));
}

function firstOpening({ notBefore, window }: OutboundCallInput): string {
  const fromMs = notBefore === undefined ? Date.now() : Date.parse(notBefore);
  const opensMs = window === undefined ? fromMs : nextOpeningMs(window, fromMs);
  return opensMs <= Date.now() ? 'at once' : new Date(opensMs).toISOString();
}

/** What a starter is set to: of the worker's settings, those that concern a start. */
function readStarterSettings(env: NodeJS.ProcessEnv) {
  const searchAttributes = env['TRUEDY_SEARCH_ATTRIBUTES'] || 'auto';
  if (!['auto', 'on', 'off'].includes(searchAttributes)) {
    const faults = new Map([['TRUEDY_SEARCH_ATTRIBUTES', ['is none of auto, on, off']]]);
    throw wrongSettings(env, faults);
  }
  return { taskQueue: env['TRUEDY_TASK_QUEUE'] || 'truedy-calls', searchAttributes };
}

/** The attributes of a start, where the namespace knows them: an unknown one would refuse the start. */
async function attributesOf(
  { connection, namespace }: Temporal,
  setting: string,
  { call, labels }: OutboundCallInput,
): Promise<TypedSearchAttributes | undefined> {
  if (setting === 'off') return undefined;
  if (setting === 'auto') {
    const missing = await missingSearchAttributes(connection, namespace);
    if (missing.length > 0) return undefined;
  }
  const campaign = labels?.['campaign'];
  return new TypedSearchAttributes([
    { key: TRUEDY_PHASE, value: 'placing' },
    { key: TRUEDY_ATTEMPT, value: 1 },
    { key: TRUEDY_AGENT_ID, value: call.agent_id },
    ...(campaign === undefined ? [] : [{ key: TRUEDY_CAMPAIGN, value: campaign }]),
  ]);
}
