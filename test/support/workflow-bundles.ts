import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../../src/codec/data-converter';
import { toWorkerConverter } from '../../src/temporal/data-converter';
import type { WorkerOptions } from '../../src/workers/types';

const FOLDER = 'TEST_WORKFLOW_BUNDLES';
const NAMES = { plain: 'plain.js', encrypted: 'encrypted.js' };

/** Bundles the workflows once for all rigs of a test run, which saves each rig more than a second of CPU time. */
export async function bundleWorkflows(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'truedy-bundles-'));
  process.env[FOLDER] = folder;
  await bundle(join(folder, NAMES.plain), {});
  await bundle(join(folder, NAMES.encrypted), { failureConverterPath: FAILURE_CONVERTER_PATH });
}

export async function removeBundles(): Promise<void> {
  const folder = process.env[FOLDER];
  if (folder !== undefined) await rm(folder, { recursive: true });
}

/** The bundle with this converter's paths. There is none for converters of a test's own. */
export function bundleWith(converter: DataConverter | undefined): WorkerOptions['workflowBundle'] {
  const folder = process.env[FOLDER];
  const { payloadConverterPath, failureConverterPath } = converter ?? {};
  if (folder === undefined || payloadConverterPath !== undefined) return undefined;
  if (failureConverterPath === undefined) return { codePath: join(folder, NAMES.plain) };
  if (failureConverterPath !== FAILURE_CONVERTER_PATH) return undefined;
  return { codePath: join(folder, NAMES.encrypted) };
}

async function bundle(path: string, converter: DataConverter): Promise<void> {
  const { payloadConverterPath, failureConverterPath } = toWorkerConverter(converter);
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../src/workflows'),
    ...(payloadConverterPath !== undefined && { payloadConverterPath }),
    ...(failureConverterPath !== undefined && { failureConverterPath }),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(path, code);
}
