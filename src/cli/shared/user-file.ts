import { KnownError } from '../../runtime/process';
import { readTextFile, TextFileError } from '../../runtime/text-file';
import { EXIT } from './exit-codes';

/** The text of a file that the user named. @throws KnownError TT3002, which quotes nothing of the file. */
export function readUserFile(path: string, maxBytes: number): string {
  try {
    return readTextFile(path, maxBytes);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new KnownError(
      `TT3002  ${path} ${error.problem}. Nothing was started.\n        ${error.fix}`,
      EXIT.usage,
    );
  }
}
