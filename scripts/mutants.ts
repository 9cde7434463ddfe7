import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Changes the code in small ways, and shows each change that no test notices: `npm run mutants`, or `npm run mutants --
 * call` for one part. The part `reverts` takes out one known rule after the other instead (`scripts/reverts.ts`).
 *
 * Exits 1 if any part scores below its threshold in `stryker.config.mjs`, or a revert is not caught.
 */
const PARTS = ['call', 'truedy', 'webhook', 'reverts'];
const STRYKER = join(__dirname, '../node_modules/@stryker-mutator/core/bin/stryker.js');
const REVERTS = join(__dirname, 'reverts.ts');

function main(asked: readonly string[]): void {
  const unknown = asked.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) {
    throw new Error(`${unknown.join(', ')}: not a part. Name any of ${PARTS.join(', ')}.`);
  }
  const failed = (asked.length > 0 ? asked : PARTS).filter((part) => !isWellTested(part));
  if (failed.length === 0) return;
  process.stderr.write(`Below the threshold, or not run to its end: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

/** Stryker prints the score and the changes that no test noticed; the reverts print what caught each. */
function isWellTested(part: string): boolean {
  process.stdout.write(`\n${part}\n`);
  const env = { ...process.env, MUTANTS_OF: part };
  const program = part === 'reverts' ? ['--import', 'tsx', REVERTS] : [STRYKER, 'run'];
  return spawnSync(process.execPath, program, { env, stdio: 'inherit' }).status === 0;
}

main(process.argv.slice(2));
