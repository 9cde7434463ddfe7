import { readFileSync, statSync } from 'node:fs';

/** A text file that cannot be used. Repeats nothing of what the file contains. */
export class TextFileError extends Error {
  override readonly name = 'TextFileError';

  constructor(
    /** A predicate about the file, such as `is UTF-16, not UTF-8`. */
    readonly problem: string,
    /** The command that shows or fixes the problem. */
    readonly fix: string,
  ) {
    super(problem);
  }
}

/** Quotes a word for a shell command that users copy. */
export function shellWord(word: string): string {
  return /^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The value of a JSON text; `undefined` if it is not JSON. The parser's error would quote the text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads a file that a user wrote. All such files are read here, under the same rules.
 *
 * @param maxBytes A larger file is rejected before it is read.
 * @returns The text without its byte order mark.
 * @throws TextFileError if the file is not valid UTF-8 or not a regular file. A pipe without a writer would block
 * forever.
 */
export function readTextFile(path: string, maxBytes: number): string {
  const found = statOf(path);
  const list = `ls -l ${shellWord(path)}`;
  if (found === undefined) throw new TextFileError('does not exist', list);
  if (!found.isFile()) throw new TextFileError('is not a regular file', list);
  if (found.size > maxBytes) {
    throw new TextFileError(`is over ${maxBytes / 1024 / 1024} MiB`, list);
  }
  return decodeText(readBytes(path), path);
}

/** Like `readTextFile`, but the file may be absent or a named pipe, as `.env` may be. */
export function readOptionalText(path: string): string | undefined {
  return statOf(path) === undefined ? undefined : decodeText(readBytes(path), path);
}

// --- internal ---

/** @throws TextFileError that names the encoding, if the bytes reveal it, and a command for `path`. */
function decodeText(bytes: Uint8Array, path: string): string {
  const file = shellWord(path);
  const encoding = foreignEncoding(bytes);
  if (encoding !== undefined) {
    throw new TextFileError(
      `is ${encoding}, not UTF-8`,
      `iconv -f ${encoding} -t UTF-8 ${file} > ${shellWord(`${path}.utf8`)}`,
    );
  }
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    throw new TextFileError('is a workbook or ZIP archive, not text', `file ${file}`);
  }
  if (bytes.includes(0)) {
    throw new TextFileError('contains NUL bytes, so it is not text', `file ${file}`);
  }
  try {
    // The decoder removes the byte order mark that Windows programs write.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TextFileError(
      'is not valid UTF-8: save it as UTF-8; in a spreadsheet, choose "CSV UTF-8"',
      `file -i ${file}`,
    );
  }
}

function statOf(path: string) {
  return readable(path, () => statSync(path, { throwIfNoEntry: false }));
}

function readBytes(path: string): Uint8Array {
  return readable(path, () => readFileSync(path));
}

/** Runs a system call. It fails if the file or its folder denies access, or if the file is a folder. */
function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new TextFileError('cannot be read', `ls -ld ${shellWord(path)}`);
  }
}

/** Detected by the byte order mark, else by the positions of zero bytes around the first ASCII character. */
function foreignEncoding(bytes: Uint8Array): string | undefined {
  // The byte order mark of UTF-32LE begins with that of UTF-16LE.
  if (startsWith(bytes, [0xff, 0xfe, 0, 0]) || startsWith(bytes, [0, 0, 0xfe, 0xff]))
    return 'UTF-32';
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) return 'UTF-16';
  const [first, second, third, fourth] = bytes;
  if (first === 0 && second === 0 && third === 0 && fourth) return 'UTF-32BE';
  if (first && second === 0 && third === 0 && fourth === 0) return 'UTF-32LE';
  if (first === 0 && second && third === 0 && fourth) return 'UTF-16BE';
  if (first && second === 0 && third && fourth === 0) return 'UTF-16LE';
  return undefined;
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}
