// Builds dist/, which runs on plain Node: the program and a bundle of its workflows. A worker that runs from source
// bundles them at each start. The bundle must be run by the SDK version that built it.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');

// Removes files whose source was deleted.
rmSync(DIST, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });

// The worker loads the bundle by this name: see src/workers/workflow-code.ts.
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: require.resolve(`${DIST}/workflows`),
  // A worker with a bundle uses the converter in the bundle, and ignores its own option.
  payloadConverterPath: require.resolve(`${DIST}/temporal/payload-converter`),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(`${DIST}/workflow-bundle.js`, code);
writeFileSync(`${DIST}/workflow-bundle.sdk`, require('@temporalio/worker/package.json').version);

// `temporal` runs it as an extension from the PATH.
chmodSync(`${DIST}/starter.js`, 0o755);
