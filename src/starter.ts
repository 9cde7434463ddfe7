#!/usr/bin/env node
import { EXIT } from './cli/shared/exit-codes';
import { runProgram } from './cli/program';

// Whoever reads has had enough, as `head` has: that is no fault of anybody.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

void runProgram(process.argv.slice(2)).then((exit) => {
  process.exitCode = exit;
  // What was broken off would keep the process alive, and tries again on a connection that is closed.
  const broken: readonly number[] = [EXIT.unreachable, EXIT.timedOut, EXIT.interrupted];
  if (broken.includes(exit)) process.exit();
});
