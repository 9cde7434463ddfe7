import type { Command } from 'commander';
import { example, type Run } from './action';
import { withPlanFlags, withWindowFlags } from './plan-flags';
import { allowKind, RepeatableOption } from '../shared/parsers';

export function addStart(program: Command, run: Run): void {
  const command = program
    .command('start')
    .description('Start one call; the same key always refers to the same call')
    .option('--to <number>', 'Phone number to call, in E.164 format, such as +14155550101.')
    .option('--agent <id>', 'Truedy agent that makes the call.')
    .option('--from <number>', 'Phone number to show to the recipient, in E.164 format.')
    .addOption(new RepeatableOption('--var <name=value>', 'Variable for the agent prompt.'))
    .option('--vars-file <file>', 'JSON file with an object of variables. --var overrides it.')
    .option('--greeting <text>', 'Opening line of the agent.')
    .option('--max-duration <seconds>', 'Maximum duration of the call, such as 1800s.')
    .option('--join-timeout <seconds>', 'How long to wait for an answer, such as 30s.')
    .option('--recording', 'Record the call.')
    .option('--no-recording', 'Do not record the call.')
    .option('--transcription', 'Transcribe the call.')
    .option('--no-transcription', 'Do not transcribe the call.')
    .option(
      '--key <key>',
      'Unique key of the call. The workflow ID is call/<key>. Default: a UUID.',
    )
    .option('--input <file>', 'JSON file with the workflow input. Flags override it.')
    .option('--completion <mode>', 'Source of the result: webhook or poll. Default: webhook.')
    .option('--grace <duration>', 'How long to wait for webhooks before polling. Default: 5m.')
    .option('--poll-every <duration>', 'Polling interval. Default: 30s.')
    .option(
      '--artifacts <duration>',
      'How long to wait for transcript and summary after the call. Default: 0s.',
    )
    .option(
      '--settle <duration>',
      'If Truedy does not confirm a call, how long to wait before searching for it. Default: 330s.',
    );
  withPlanFlags(command)
    .addOption(
      new RepeatableOption(
        '--label <name=value>',
        'Label of the workflow, not sent to Truedy. Lists can be filtered by "campaign".',
      ),
    )
    .addOption(allowKind())
    .option('--dry-run', 'Print the request that would be sent, without starting a call.')
    .option('--wait', 'Wait for the call to end and print its result.')
    .option('--transcript', 'With --wait, also print the transcript.')
    .addHelpText(
      'after',
      example('start --to +14155550101 --agent YourAgentId --key order-4711 --wait'),
    )
    .action(run(async (flags) => (await import('../call/start.js')).start(flags)));
}

export function addCheck(program: Command, run: Run): void {
  withWindowFlags(program.command('check <number>'))
    .description('Check whether a number may be called now, and when next')
    .option('--time-zone <zone>', 'Time zone of the recipient. Default: all zones of the country.')
    .addOption(allowKind())
    .addHelpText('after', example('check +14155550101 --window 09:00-18:00 --days 1-5'))
    .action(
      run(async (flags, number: string) => (await import('../call/check.js')).check(number, flags)),
    );
}
