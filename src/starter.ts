#!/usr/bin/env node
import { runProgram } from './cli/program';

void runProgram(process.argv.slice(2)).then((exit) => {
  process.exitCode = exit;
});
