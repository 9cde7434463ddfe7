import type { Command } from 'commander';
import { RepeatableOption, toCount } from '../shared/parsers';

/** When and how often to dial: the same flags for one call and for a batch. */
export function withPlanFlags(command: Command): Command {
  command
    .option('--max-attempts <count>', 'Maximum number of attempts, 1 to 20. Default: 1.', toCount)
    .addOption(
      new RepeatableOption(
        '--redial <outcome=delays>',
        'Delays before redialing after an outcome, such as no_answer=30m,2h.',
      ),
    );
  return withWindowFlags(command)
    .option('--time-zone <zone>', 'IANA time zone of the calling hours, such as America/New_York.')
    .option('--not-before <time>', 'Do not dial before this time. ISO 8601 with an offset.')
    .option('--expires-at <time>', 'Do not dial after this time. ISO 8601 with an offset.');
}

export function withWindowFlags(command: Command): Command {
  return command
    .option('--window <from-to>', 'Calling hours of the recipient, such as 09:00-18:00.')
    .option('--days <days>', 'Calling days, such as 1-5, or 5-1 across a weekend. 1 is Monday.');
}
