import { readTextFile, TextFileError } from '../../runtime/text-file';
import { usageError } from './usage-error';

/** The text of a file that the user named. @throws KnownError TT3002, which quotes nothing of the file. */
export function readUserFile(path: string, maxBytes: number): string {
  try {
    return readTextFile(path, maxBytes);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw usageError(`TT3002  ${path} ${error.problem}. Nothing was started.`, error.fix);
  }
}
