import { KnownError } from '../../runtime/process';
import { EXIT } from './exit-codes';

/** The error for an invalid command line or input. @param fix What to write or run instead, line by line. */
export function usageError(problem: string, ...fix: readonly string[]): KnownError {
  return new KnownError([problem, ...fix].join('\n        '), EXIT.usage);
}
