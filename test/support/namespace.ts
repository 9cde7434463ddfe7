import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { missingSearchAttributes } from '../../src/temporal/search-attributes';

/** Registers a new namespace without our search attributes, which cannot be removed from a shared namespace. */
export async function newNamespace(connection: Connection): Promise<string> {
  const namespace = `truedy-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await eventually(() => missingSearchAttributes(connection, namespace));
  return namespace;
}

/** Retries, because a new namespace is available everywhere only after a delay. */
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
