import { FLAGS, type AttemptReport } from '../../call/api-types';

/** One line per flag of an attempt: why a person should check it. */
export function flagLines({ number, flags = [] }: AttemptReport): readonly string[] {
  return flags.map((flag) => `  check attempt ${number} (${flag}): ${FLAGS[flag]}`);
}
