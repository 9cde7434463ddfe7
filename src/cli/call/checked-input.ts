import { validateInput } from '../../activities/input-schema';
import type { InputProblem, OutboundCallInput } from '../../call/input';
import { KnownError } from '../../runtime/process';
import { EXIT } from '../shared/exit-codes';
import { numberHint } from './phone-number';

const NUMBERS: ReadonlySet<string> = new Set(['call.phone_number', 'call.from_number']);

/**
 * Validates the input as the workflow does, and adds hints for phone numbers to the problems.
 *
 * @throws KnownError TT3003 if only the number is invalid, else TT3001 with every problem.
 */
export function checkedInput(given: unknown): OutboundCallInput {
  const { input, problems } = validateInput(given);
  if (input !== undefined) return input;
  const lines = problems.map((problem) => `        ${problem.path}  ${withHint(problem, given)}`);
  const isNumberAlone = problems.every(({ path }) => path === 'call.phone_number');
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new KnownError(
    isNumberAlone
      ? 'TT3003  The phone number is not a full international number (InvalidInput). Nothing was started.\n' +
          `${lines.join('\n')}\n        --to +14155550123`
      : `TT3001  The input has ${count} (InvalidInput). Nothing was sent.\n` +
          `${lines.join('\n')}\n        temporal truedy start --input call.json --dry-run`,
    EXIT.usage,
  );
}

// --- internal ---

function withHint({ path, problem }: InputProblem, input: unknown): string {
  const given = NUMBERS.has(path) ? numberAt(path, input) : undefined;
  const hint = given === undefined ? undefined : numberHint(given);
  return hint === undefined ? problem : `${problem}; ${hint}`;
}

function numberAt(path: string, input: unknown): string | undefined {
  const found = path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined,
      input,
    );
  return typeof found === 'string' ? found : undefined;
}
