import type { Command } from 'commander';
import { collect, toCount } from '../shared/parsers';

/** When a phone may ring, and how often: the same for one call and for each of a batch. */
export function withPlanFlags(command: Command): Command {
  return command
    .option('--max-attempts <count>', '1 to 20', toCount)
    .option('--redial <outcome=delays>', 'such as no_answer=30m,2h (repeatable)', collect)
    .option('--window <from-to>', 'calling hours there, such as 09:00-18:00')
    .option('--days <days>', 'such as 1-5, or 5-1 for Friday to Monday; 1 is Monday')
    .option('--time-zone <zone>', 'IANA name, such as America/New_York; no abbreviation')
    .option('--not-before <time>', 'ISO 8601 with an offset')
    .option('--expires-at <time>', 'ISO 8601 with an offset');
}
