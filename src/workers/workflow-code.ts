import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import sdk from '@temporalio/worker/lib/pkg';
import type { WorkerOptions, WorkerTemporal } from './types';

/**
 * Where a worker gets its workflow code from.
 *
 * A build contains a bundle (scripts/build.mjs), which saves the second that it takes to make one. A worker with a
 * bundle silently ignores its converter paths, and its workflow interceptors except for a log line. So the bundle is
 * used only if nothing could set them, and by the SDK version that built it. Otherwise, and from source, the workflows
 * are bundled at each start.
 */
export function workflowCode(temporal: WorkerTemporal, { workflowBundle }: WorkerOptions) {
  if (workflowBundle !== undefined) return { workflowBundle };
  if (isPlain(temporal) && hasBundle()) return { workflowBundle: { codePath: BUNDLE } };
  const { bundlerOptions } = temporal;
  return {
    workflowsPath: require.resolve('../workflows'),
    ...(bundlerOptions && { bundlerOptions }),
  };
}

// --- internal ---

const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');
const BUNDLED_BY = join(__dirname, '..', 'workflow-bundle.sdk');

/** Whether a bundle from the build behaves as one made at the start would. A plugin may add anything. */
function isPlain({ connection, dataConverter, interceptors, plugins = [] }: WorkerTemporal) {
  return (
    dataConverter?.payloadConverterPath === undefined &&
    dataConverter?.failureConverterPath === undefined &&
    (interceptors?.workflowModules ?? []).length === 0 &&
    plugins.length === 0 &&
    connection.plugins.length === 0
  );
}

function hasBundle(): boolean {
  if (extname(__filename) !== '.js' || !existsSync(BUNDLED_BY)) return false;
  return readFileSync(BUNDLED_BY, 'utf8') === sdk.version;
}
