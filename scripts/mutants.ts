import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Changes the code in small ways, and shows each change that no test notices: `npm run mutants`, or `npm run mutants --
 * call` for one part.
 *
 * Exits 1 if any part scores below its threshold in `stryker.config.mjs`.
 */
const PARTS = ['call', 'truedy', 'webhook'];
const STRYKER = join(__dirname, '../node_modules/@stryker-mutator/core/bin/stryker.js');

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

/** Stryker prints the score and the changes that no test noticed. */
function isWellTested(part: string): boolean {
  process.stdout.write(`\nsrc/${part}\n`);
  const env = { ...process.env, MUTANTS_OF: part };
  return spawnSync(process.execPath, [STRYKER, 'run'], { env, stdio: 'inherit' }).status === 0;
}

main(process.argv.slice(2));
