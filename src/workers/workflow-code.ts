import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { WorkflowBundlePath } from '@temporalio/worker';
import { FAILURE_CONVERTER_PATH } from '../codec/data-converter';
import { toWorkerConverter } from '../temporal/data-converter';

/** The bundles of a build (scripts/build.mjs), by whether they contain the failure converter. */
const BUNDLES = { plain: 'workflow-bundle.js', encrypted: 'workflow-bundle-encrypted.js' };

/**
 * The workflow code for a worker with this converter.
 *
 * A prebuilt bundle contains the converters it was built with and ignores those of the worker, without a warning: it
 * would write messages of failures in clear. So a bundle is used only if it was built with the same converters.
 * Otherwise, and from source, the worker bundles the workflows as it starts.
 */
export function workflowCode(
  dataConverter: DataConverter | undefined,
): { readonly workflowBundle: WorkflowBundlePath } | { readonly workflowsPath: string } {
  const bundle = bundleFor(dataConverter);
  const codePath = bundle && join(__dirname, '..', bundle);
  return codePath !== undefined && existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: require.resolve('../workflows') };
}

// --- internal ---

function bundleFor(dataConverter: DataConverter | undefined): string | undefined {
  const ours = toWorkerConverter(undefined).payloadConverterPath;
  const { payloadConverterPath = ours, failureConverterPath } = dataConverter ?? {};
  if (payloadConverterPath !== ours) return undefined;
  if (failureConverterPath === undefined) return BUNDLES.plain;
  return failureConverterPath === FAILURE_CONVERTER_PATH ? BUNDLES.encrypted : undefined;
}
