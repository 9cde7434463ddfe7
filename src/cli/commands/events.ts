import { Argument, InvalidArgumentError, type Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { SAMPLE_EVENTS, type SampleEvent } from '../events/sample';
import { LONG_RUNNING, RepeatableOption, type Done } from '../shared/parsers';

export function addEvents(program: Command, done: Done): void {
  const events = program
    .command('events')
    .description('Receive, send and verify webhook deliveries');
  addListen(events, done);
  addVerify(events, done);
  addTrigger(events, done);
  addReplay(events, done);
}

// --- internal ---

function addListen(events: Command, done: Done): void {
  events
    .command('listen')
    .description('Receive deliveries on this machine and print them')
    .option('--port <port>', 'Port to listen on. 0 picks a free port. Default: 8787.', toPort)
    .option('--path <path>', 'Path to listen on. Default: /webhooks/truedy.')
    .option('--forward-to <url>', 'Forward each delivery unchanged, to https or to this machine.')
    .option('--save <dir>', 'Save each delivery in a folder of its own. Contains personal data.')
    .addHelpText('after', LONG_RUNNING)
    .action(async (_flags, command: Command) => {
      const { listen } = await import('../events/listen.js');
      done(await listen(flagsOf(command)));
    });
}

function addVerify(events: Command, done: Done): void {
  withSavedFiles(events.command('verify [path]'))
    .description('Check a saved delivery against the rules of the bridge')
    .option('--at <time>', 'Time at which to check its age, or "now". Default: when it was saved.')
    .option('--ignore-age', 'Do not check its age.')
    .action(async (path: string | undefined, _flags, command: Command) => {
      const { verify } = await import('../events/verify.js');
      const flags = flagsOf(command);
      done(await verify({ ...flags, path }, flags));
    });
}

function addTrigger(events: Command, done: Done): void {
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
    .action(async (event: SampleEvent, _flags, command: Command) => {
      const { trigger } = await import('../events/trigger.js');
      done(await trigger(event, flagsOf(command)));
    });
}

function addReplay(events: Command, done: Done): void {
  withTarget(withSavedFiles(events.command('replay [path]')))
    .description('Send a saved delivery again with a new signature')
    .option('--as-is', 'Keep its original signature, which is valid for five minutes.')
    .action(async (path: string | undefined, _flags, command: Command) => {
      const { replay } = await import('../events/replay.js');
      const flags = flagsOf(command);
      done(await replay({ ...flags, path }, flags));
    });
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
