#!/usr/bin/env node
import { EXIT } from './cli/exits';
import { runProgram } from './cli/program';

void runProgram(process.argv.slice(2)).then((exit) => {
  process.exitCode = exit;
  // What was broken off would keep the process alive.
  if (exit === EXIT.timedOut || exit === EXIT.interrupted) process.exit();
});
