import { validateInput } from '../activities/input-schema';
import type { InputProblem } from '../call/input';

/** Every problem of an input, as the workflow would report it with `InvalidInput`. Empty if the input is valid. */
export function inputProblems(input: unknown): readonly InputProblem[] {
  return validateInput(input).problems;
}
