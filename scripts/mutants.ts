import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Makes small changes to the code and prints each one that no test notices: `npm run mutants`, or
 * `npm run mutants -- call` for one part. The part `reverts` removes one known rule at a time instead: see
 * `scripts/reverts.ts`.
 *
 * Exits with 1 if a part scores below its threshold in `stryker.config.mjs`, or if a revert is not caught.
 */
const PARTS = ['call', 'truedy', 'webhook', 'reverts'];
const STRYKER = join(__dirname, '../node_modules/@stryker-mutator/core/bin/stryker.js');
const REVERTS = join(__dirname, 'reverts.ts');

function main(names: readonly string[]): void {
  const unknown = names.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) {
    throw new Error(`Unknown part: ${unknown.join(', ')}. Use any of ${PARTS.join(', ')}.`);
  }
  const failed = (names.length > 0 ? names : PARTS).filter((part) => !isWellTested(part));
  if (failed.length === 0) return;
  process.stderr.write(`Below the threshold, or did not complete: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}

/** Stryker prints the score and the changes that no test noticed. The reverts print what caught each of them. */
function isWellTested(part: string): boolean {
  process.stdout.write(`\n${part}\n`);
  const env = { ...process.env, MUTANTS_OF: part };
  const program = part === 'reverts' ? ['--import', 'tsx', REVERTS] : [STRYKER, 'run'];
  return spawnSync(process.execPath, program, { env, stdio: 'inherit' }).status === 0;
}

main(process.argv.slice(2));
