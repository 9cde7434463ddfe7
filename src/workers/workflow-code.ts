import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import sdk from '@temporalio/worker/lib/pkg';
import { FAILURE_CONVERTER_PATH } from '../codec/data-converter';
import { toWorkerConverter } from '../temporal/data-converter';
import type { WorkerOptions, WorkerTemporal } from './types';

/**
 * Where a worker gets its workflow code from.
 *
 * A build contains two bundles (scripts/build.mjs), which save the second that it takes to make one. A worker with a
 * bundle silently ignores its converter paths, so that messages of failures would be readable, and its workflow
 * interceptors except for a log line. So a bundle is used only if it was built with the same converters, if nothing
 * else could change the code, and by the SDK version that built it. Otherwise, and from source, the workflows are
 * bundled at each start.
 */
export function workflowCode(temporal: WorkerTemporal, { workflowBundle }: WorkerOptions) {
  if (workflowBundle !== undefined) return { workflowBundle };
  const bundle = bundleFor(temporal.dataConverter);
  if (bundle !== undefined && isPlain(temporal) && hasBundles()) {
    return { workflowBundle: { codePath: join(DIST, bundle) } };
  }
  const { bundlerOptions } = temporal;
  return {
    workflowsPath: require.resolve('../workflows'),
    ...(bundlerOptions && { bundlerOptions }),
  };
}

// --- internal ---

const DIST = join(__dirname, '..');
const BUNDLED_BY = join(DIST, 'workflow-bundle.sdk');

/** The bundles of a build, by whether they contain the failure converter. */
const BUNDLES = { plain: 'workflow-bundle.js', encrypted: 'workflow-bundle-encrypted.js' };

/** The bundle that was built with these converters. */
function bundleFor(dataConverter: DataConverter | undefined): string | undefined {
  const ours = toWorkerConverter(undefined).payloadConverterPath;
  const { payloadConverterPath = ours, failureConverterPath } = dataConverter ?? {};
  if (payloadConverterPath !== ours) return undefined;
  if (failureConverterPath === undefined) return BUNDLES.plain;
  return failureConverterPath === FAILURE_CONVERTER_PATH ? BUNDLES.encrypted : undefined;
}

/** Whether a bundle from the build behaves as one made at the start would. A plugin may add anything. */
function isPlain({ connection, interceptors, plugins = [] }: WorkerTemporal): boolean {
  return (
    (interceptors?.workflowModules ?? []).length === 0 &&
    plugins.length === 0 &&
    connection.plugins.length === 0
  );
}

function hasBundles(): boolean {
  if (extname(__filename) !== '.js' || !existsSync(BUNDLED_BY)) return false;
  return readFileSync(BUNDLED_BY, 'utf8') === sdk.version;
}
