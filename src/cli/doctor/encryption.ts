import type { Payload } from '@temporalio/common';
import { keyIdOf } from '../../codec/undecodable';
import { parseKeys } from '../../codec/keys';
import { readEncryptionConfig } from '../../runtime/config';
import type { Temporal } from '../../temporal/client';
import { callsWhere, quoted } from '../../temporal/visibility-query';
import { failure, ok, type CheckResult } from './finding';

/** The number of open calls whose input is read. */
const SAMPLE = 20;

/**
 * Reports what is encrypted and which key writes, and fails if the newest open calls need a key that is missing here.
 *
 * @param queue Only calls of this task queue: those of other workers may have other keys.
 */
export async function checkEncryption(
  env: NodeJS.ProcessEnv,
  temporal: Temporal,
  queue: string,
): Promise<CheckResult> {
  const { keys: list, converterPath } = readEncryptionConfig(env);
  if (converterPath !== undefined) return ok(`by the data converter in ${converterPath}`);
  const keys = list === undefined ? [] : [...parseKeys(list).keys()];
  const inputs = await openInputs(temporal, queue);
  const needed = new Set(inputs.flatMap((input) => keyIdOf(input) ?? []));
  const missing = [...needed].filter((keyId) => !keys.includes(keyId));
  if (missing.length > 0) {
    return failure(
      `TT6004  Open calls need a key that is missing here: ${missing.join(', ')}`,
      'Add it to TRUEDY_ENCRYPTION_KEYS of every process: docs/encryption.md',
      'temporal truedy config show',
    );
  }
  const [writer, ...readers] = keys;
  if (writer === undefined) return ok('off: the namespace can read all data; docs/encryption.md');
  const old = readers.length === 0 ? '' : `; ${readers.join(', ')} can be read too`;
  return ok(`payloads and failure messages, with key ${writer}${old}`);
}

// --- internal ---

/** The inputs of the newest open calls, not decoded. */
async function openInputs(
  { connection, namespace }: Temporal,
  queue: string,
): Promise<readonly Payload[]> {
  const { workflowService } = connection;
  const query = callsWhere("ExecutionStatus = 'Running'", `TaskQueue = ${quoted(queue)}`);
  const pageSize = SAMPLE;
  const { executions } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize,
  });
  const histories = executions.map(({ execution }) =>
    workflowService.getWorkflowExecutionHistory({
      namespace,
      ...(execution && { execution }),
      maximumPageSize: 1,
    }),
  );
  return (await Promise.all(histories)).flatMap(
    ({ history }) =>
      history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [],
  );
}
