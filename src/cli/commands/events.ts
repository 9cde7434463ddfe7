import { Argument, InvalidArgumentError, type Command } from 'commander';
import { flagsOf } from '../shared/flags';
import { SAMPLE_EVENTS, type SampleEvent } from '../events/sample';
import { collect, RUNS_LONG, type Done } from '../shared/parsers';

export function addEvents(program: Command, done: Done): void {
  const events = program
    .command('events')
    .description('receive, send and judge deliveries of webhooks');
  addListen(events, done);
  addVerify(events, done);
  addTrigger(events, done);
  addReplay(events, done);
}

// --- internal ---

function addListen(events: Command, done: Done): void {
  events
    .command('listen')
    .description('receive deliveries on this machine and tell each; no run is signalled')
    .option('--port <port>', 'default 8787; 0 takes a free one', toPort)
    .option('--path <path>', 'default /webhooks/truedy')
    .option('--forward-to <url>', 'send each on as it came: https, or http on this machine')
    .option('--save <dir>', 'keep each in a folder of its own: personal data')
    .addHelpText('after', RUNS_LONG)
    .action(async (_flags, command: Command) => {
      const { listen } = await import('../events/listen.js');
      done(await listen(flagsOf(command)));
    });
}

function addVerify(events: Command, done: Done): void {
  saved(events.command('verify [path]'))
    .description('say which rule a saved delivery breaks; exit 2, or 3 for the secret')
    .option('--at <time>', 'judge its age as of then, or now; default: when it was saved')
    .option('--ignore-age', 'judge all but its age')
    .action(async (path: string | undefined, _flags, command: Command) => {
      const { verify } = await import('../events/verify.js');
      const flags = flagsOf(command);
      done(await verify({ ...flags, path }, flags));
    });
}

function addTrigger(events: Command, done: Done): void {
  target(events.command('trigger'))
    .addArgument(new Argument('<event>', 'what it tells of').choices(SAMPLE_EVENTS))
    .description('send a signed sample to the bridge')
    .option('--id <id>', 'aim it at the attempt this call is at')
    .option('--ref <reference>', 'aim it by <namespace>/<workflowId>#<attempt>')
    .option('--override <path=value>', 'such as data.call.endReason=unjoined (repeatable)', collect)
    .option('--unsigned', 'without its signature')
    .option('--stale', 'stamped ten minutes ago')
    .option('--twice', 'the same bytes a second time')
    .action(async (event: SampleEvent, _flags, command: Command) => {
      const { trigger } = await import('../events/trigger.js');
      done(await trigger(event, flagsOf(command)));
    });
}

function addReplay(events: Command, done: Done): void {
  target(saved(events.command('replay [path]')))
    .description('send a saved delivery again, signed anew')
    .option('--as-is', 'with the signature it came with, which is taken for five minutes')
    .action(async (path: string | undefined, _flags, command: Command) => {
      const { replay } = await import('../events/replay.js');
      const flags = flagsOf(command);
      done(await replay({ ...flags, path }, flags));
    });
}

function saved(command: Command): Command {
  return command
    .option('--body <file>', 'the raw bytes, in place of a folder')
    .option('--headers <file>', 'its headers as a JSON object');
}

function target(command: Command): Command {
  return command
    .option('--to <url>', 'default http://127.0.0.1:8787/webhooks/truedy')
    .option('--yes', 'send to another machine, over https');
}

function toPort(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) {
    throw new InvalidArgumentError('It is no port, such as 8787.');
  }
  return Number(value);
}
