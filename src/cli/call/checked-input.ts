import { validateInput } from '../../activities/input-schema';
import type { InputProblem, OutboundCallInput } from '../../call/input';
import { KnownError } from '../../runtime/process';
import { EXIT } from '../shared/exit-codes';
import { numberHint } from './phone-number';

const NUMBERS: ReadonlySet<string> = new Set(['call.phone_number', 'call.from_number']);

/**
 * The input, once it is one. It is checked as the workflow checks it, and told with hints on top.
 *
 * @throws KnownError TT3003 where the number alone is wrong, else TT3001 with every fault.
 */
export function checkedInput(given: unknown): OutboundCallInput {
  const { input, problems } = validateInput(given);
  if (input !== undefined) return input;
  const lines = problems.map((one) => `        ${one.path}  ${problemOf(one, given)}`);
  const isNumberAlone = problems.every(({ path }) => path === 'call.phone_number');
  const count = problems.length === 1 ? '1 fault' : `${problems.length} faults`;
  throw new KnownError(
    isNumberAlone
      ? 'TT3003  That is not a full international number (InvalidInput). Nothing was started.\n' +
          `${lines.join('\n')}\n        --to +14155550123`
      : `TT3001  The input has ${count} (InvalidInput). Nothing was sent.\n` +
          `${lines.join('\n')}\n        temporal truedy start --input call.json --dry-run`,
    EXIT.usage,
  );
}

// --- internal ---

function problemOf({ path, problem }: InputProblem, input: unknown): string {
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
