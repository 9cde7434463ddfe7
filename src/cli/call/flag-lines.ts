import { FLAGS } from '../../call/flags';
import type { AttemptReport } from '../../call/api-types';

/** Why a person should look at an attempt, a line for each flag. */
export function flagLines({ number, flags = [] }: AttemptReport): readonly string[] {
  return flags.map((flag) => `  look at attempt ${number} (${flag}): ${FLAGS[flag]}`);
}
