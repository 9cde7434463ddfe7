import { ApplicationFailure } from '@temporalio/common';
import type { InputProblem } from '../call/input';

/** The failure of an input that cannot be used. `details[0]` lists every problem. */
export function invalidInput(problems: readonly InputProblem[]): ApplicationFailure {
  const list = problems.map(({ path, problem }) => `${path} ${problem}`).join('; ');
  return ApplicationFailure.nonRetryable(`InvalidInput: ${list}`, 'InvalidInput', problems);
}
