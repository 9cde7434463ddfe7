import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { Run } from './action';
import { SAMPLE_EVENTS, type SampleEvent } from '../events/sample';
import { LONG_RUNNING, RepeatableOption } from '../shared/parsers';

export function addEvents(program: Command, run: Run): void {
  const events = program
    .command('events')
    .description('Receive, send and verify webhook deliveries');
  addListen(events, run);
  addVerify(events, run);
  addTrigger(events, run);
  addReplay(events, run);
}

// --- internal ---

function addListen(events: Command, run: Run): void {
  events
    .command('listen')
    .description('Receive deliveries on this machine and print them')
    .option('--port <port>', 'Port to listen on. 0 picks a free port. Default: 8787.', toPort)
    .option('--path <path>', 'Path to listen on. Default: /webhooks/truedy.')
    .option('--forward-to <url>', 'Forward each delivery unchanged, to https or to this machine.')
    .option('--save <dir>', 'Save each delivery in a folder of its own. Contains personal data.')
    .addHelpText('after', LONG_RUNNING)
    .action(run(async (flags) => (await import('../events/listen.js')).listen(flags)));
}

function addVerify(events: Command, run: Run): void {
  withSavedFiles(events.command('verify [path]'))
    .description('Check a saved delivery against the rules of the bridge')
    .option('--at <time>', 'Time at which to check its age, or "now". Default: when it was saved.')
    .option('--ignore-age', 'Do not check its age.')
    .action(
      run(async (flags, path?: string) =>
        (await import('../events/verify.js')).verify({ ...flags, path }, flags),
      ),
    );
}

function addTrigger(events: Command, run: Run): void {
  withTarget(events.command('trigger'))
    .addArgument(new Argument('<event>', 'Type of the event.').choices(SAMPLE_EVENTS))
    .description('Send a signed sample delivery to the bridge')
    .option('--id <id>', 'Call to send it for: its current attempt.')
    .option('--ref <reference>', 'Call to send it for, as <namespace>/<workflowId>#<attempt>.')
    .addOption(
      new RepeatableOption(
        '--override <path=value>',
        'Field to change, such as data.call.endReason=unjoined.',
      ),
    )
    .option('--unsigned', 'Send it without a signature.')
    .option('--stale', 'Send it with a timestamp of ten minutes ago.')
    .option('--twice', 'Send the same bytes twice.')
    .action(
      run(async (flags, event: SampleEvent) =>
        (await import('../events/trigger.js')).trigger(event, flags),
      ),
    );
}

function addReplay(events: Command, run: Run): void {
  withTarget(withSavedFiles(events.command('replay [path]')))
    .description('Send a saved delivery again with a new signature')
    .option('--as-is', 'Keep its original signature, which is valid for five minutes.')
    .action(
      run(async (flags, path?: string) =>
        (await import('../events/replay.js')).replay({ ...flags, path }, flags),
      ),
    );
}

function withSavedFiles(command: Command): Command {
  return command
    .option('--body <file>', 'File with the raw bytes, in place of a folder.')
    .option('--headers <file>', 'JSON file with an object of its headers.');
}

function withTarget(command: Command): Command {
  return command
    .option('--to <url>', 'URL to send to. Default: http://127.0.0.1:8787/webhooks/truedy.')
    .option('--yes', 'Allow another machine, over https.');
}

function toPort(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new InvalidArgumentError('Expected a port, such as 8787.');
  }
  return Number(value);
}
