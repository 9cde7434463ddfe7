import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { missingSearchAttributes } from '../../src/temporal/search-attributes';

/** A namespace of its own, without our search attributes: they cannot be taken away from one that others use. */
export async function newNamespace(connection: Connection): Promise<string> {
  const namespace = `truedy-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await eventually(() => missingSearchAttributes(connection, namespace));
  return namespace;
}

/** A new namespace is known everywhere only after a moment. */
async function eventually<T>(act: () => Promise<T>): Promise<T> {
  for (const endMs = Date.now() + 20_000; ;) {
    try {
      return await act();
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await sleep(200);
    }
  }
}
