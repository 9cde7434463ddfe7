import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { waitForStopRequest, runMain } from '../../src/runtime/process';
import { readFlags } from './flags';
import { run } from './run';
import { drawScript } from './script';
import { reportOf } from './report';

const INTERRUPTED = 130;

runMain(async () => {
  const flags = parsed();
  if (flags === undefined) return;
  const stop = new AbortController();
  // Each started process adds one listener.
  setMaxListeners(0, stop.signal);
  void waitForStopRequest().then(() => stop.abort());
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  const people = flags.people === undefined ? '' : `, ${flags.people} people`;
  log(`chaos: ${flags.calls} calls, seed ${flags.seed}${people}`);
  const untilMs = Date.now() + flags.minutes * 60_000;
  try {
    const outcome = await run(drawScript(flags), { untilMs, signal: stop.signal, log });
    const { text, json, isGood } = reportOf(outcome, flags);
    (flags.json ? process.stderr : process.stdout).write(text);
    if (flags.json) process.stdout.write(`${JSON.stringify(json)}\n`);
    process.exitCode = isGood ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    log('Interrupted. All processes were stopped.');
    process.exitCode = INTERRUPTED;
  }
});

function parsed() {
  try {
    return readFlags(process.argv.slice(2));
  } catch (error) {
    // Commander has printed the error or the help.
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return undefined;
  }
}
