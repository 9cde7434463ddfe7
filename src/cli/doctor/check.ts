import { KnownError } from '../../runtime/process';
import { failure, skipped, type CheckResult, type Finding } from './finding';

/** Runs one check. An error becomes a failure, so that all other checks still run. */
export async function runCheck(
  check: string,
  look: () => Promise<CheckResult> | CheckResult,
): Promise<Finding> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    return { check, ...toFailure(error) };
  }
}

/** Runs a check that needs the value of an earlier one, and skips it if that failed. */
export async function runCheckAfter<T>(
  check: string,
  [what, earlier]: readonly [what: string, earlier: Promise<T>],
  look: (found: T) => Promise<CheckResult> | CheckResult,
): Promise<Finding> {
  const found = await earlier.then(
    (value) => ({ value }),
    () => undefined,
  );
  if (found === undefined) return { check, ...skipped(`skipped: needs ${what}`) };
  return runCheck(check, () => look(found.value));
}

/** A value that several checks or none wait for. Its failure is reported by the check that is about it. */
export function shared<T>(found: Promise<T>): Promise<T> {
  found.catch(() => undefined);
  return found;
}

// --- internal ---

/** The first line of a `KnownError` says what happened; the lines below are the fix. */
function toFailure(error: unknown): CheckResult {
  const text = error instanceof Error ? error.message : String(error);
  if (!(error instanceof KnownError)) return failure(`the check failed: ${text}`);
  const [seen = '', ...fix] = text.split('\n').map((line) => line.trim());
  return failure(seen, ...fix);
}
