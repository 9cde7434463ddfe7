// Builds into dist/ what plain node runs: the program, and its workflows bundled, which a worker started
// from source does each time it starts. The bundle has to be run by the SDK's version that made it.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/package.json').replace(/package\.json$/, 'bin/tsc');

// A file whose source is gone must not live on.
rmSync(DIST, { recursive: true, force: true });
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });

// It has to be found under the same name by the worker: see src/worker.ts.
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const { code } = await bundleWorkflowCode({
  workflowsPath: require.resolve(`${DIST}/workflows`),
  // A worker that runs a bundle uses the converter in it, whatever path it is given itself.
  payloadConverterPath: require.resolve(`${DIST}/temporal/payload-converter`),
  logger: new DefaultLogger('WARN'),
});
writeFileSync(`${DIST}/workflow-bundle.js`, code);

// The command, as `temporal` looks for it on the PATH.
chmodSync(`${DIST}/starter.js`, 0o755);
