import { validateInput } from '../../activities/input-schema';
import type { InputProblem, OutboundCallInput } from '../../call/input';
import { usageError } from '../shared/usage-error';
import { numberHint } from './phone-number';
import { fieldsOf } from './start-flags';

/** The paths of phone numbers, with their fields of `call`. */
const NUMBERS: ReadonlyMap<string, string> = new Map([
  ['call.phone_number', 'phone_number'],
  ['call.from_number', 'from_number'],
]);

/**
 * Validates the input as the workflow does, and adds hints for phone numbers to the problems.
 *
 * @throws KnownError TT3003 if only the number is invalid, else TT3001 with every problem.
 */
export function checkedInput(given: unknown): OutboundCallInput {
  const { input, problems } = validateInput(given);
  if (input !== undefined) return input;
  const lines = problems.map((problem) => `${problem.path}  ${withHint(problem, given)}`);
  if (problems.every(({ path }) => path === 'call.phone_number')) {
    throw usageError(
      'TT3003  The phone number is not a full international number (InvalidInput). Nothing was started.',
      ...lines,
      '--to +14155550123',
    );
  }
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw usageError(
    `TT3001  The input has ${count} (InvalidInput). Nothing was sent.`,
    ...lines,
    'temporal truedy start --input call.json --dry-run',
  );
}

// --- internal ---

function withHint({ path, problem }: InputProblem, input: unknown): string {
  const field = NUMBERS.get(path);
  const number = field && fieldsOf(fieldsOf(input)['call'])[field];
  const hint = typeof number === 'string' ? numberHint(number) : undefined;
  return hint === undefined ? problem : `${problem}; ${hint}`;
}
