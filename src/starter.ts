#!/usr/bin/env node
import { EXIT } from './cli/shared/exit-codes';
import { runProgram } from './cli/program';

// The reader closed the pipe (`… | head`). Not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

void runProgram(process.argv.slice(2)).then((exit) => {
  process.exitCode = exit;
  // Abandoned requests would keep the process alive, and retry on a closed connection.
  const abandoned: readonly number[] = [EXIT.unreachable, EXIT.timedOut, EXIT.interrupted];
  if (abandoned.includes(exit)) process.exit();
});
