// Builds dist/, which runs on plain Node: the program and two bundles of its workflows. A worker that runs from
// source bundles them at each start. A bundle must be run by the SDK version that built it.
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

// The worker loads the bundles by these names: see src/workers/workflow-code.ts. A worker with a bundle uses the
// converters in the bundle, and ignores its own.
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const failureConverterPath = require.resolve(`${DIST}/codec/failure-converter`);
const bundles = {
  'workflow-bundle.js': {},
  'workflow-bundle-encrypted.js': { failureConverterPath },
};
for (const [name, converters] of Object.entries(bundles)) {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve(`${DIST}/workflows`),
    payloadConverterPath: require.resolve(`${DIST}/temporal/payload-converter`),
    ...converters,
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(`${DIST}/${name}`, code);
}
writeFileSync(`${DIST}/workflow-bundle.sdk`, require('@temporalio/worker/package.json').version);

// `temporal` runs it as an extension from the PATH.
chmodSync(`${DIST}/starter.js`, 0o755);
