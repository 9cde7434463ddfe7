import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readOptionalText, readTextFile, TextFileError } from '../../src/runtime/text-file';

const MIB = 1024 * 1024;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'truedy-text-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Uint8Array): string {
  const path = join(folder, `${Math.random()}.txt`);
  writeFileSync(path, content);
  return path;
}

/** The error for a file that cannot be used. */
function refusalOf(path: string): TextFileError {
  try {
    readTextFile(path, MIB);
  } catch (error) {
    if (error instanceof TextFileError) return error;
    throw error;
  }
  throw new Error('The file was accepted.');
}

it('reads UTF-8 without its byte order mark', () => {
  expect(readTextFile(file('\ufeffZoë'), MIB)).toBe('Zoë');
  expect(readTextFile(file('Zoë'), MIB)).toBe('Zoë');
  expect(readTextFile(file(''), MIB)).toBe('');
});

function utf32(text: string, mark: boolean): Buffer {
  const points = Array.from(`${mark ? '\ufeff' : ''}${text}`, (one) => one.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(points.length * 4);
  points.forEach((point, at) => bytes.writeUInt32LE(point, at * 4));
  return bytes;
}

it.each([
  ['UTF-16LE with a mark', Buffer.from('\ufeffhidden', 'utf16le'), 'is UTF-16, not UTF-8'],
  ['UTF-16BE with a mark', Buffer.from('\ufeffhidden', 'utf16le').swap16(), 'is UTF-16, not'],
  ['UTF-16LE', Buffer.from('hidden', 'utf16le'), 'is UTF-16LE, not UTF-8'],
  ['UTF-16BE', Buffer.from('hidden', 'utf16le').swap16(), 'is UTF-16BE, not UTF-8'],
  ['UTF-32 with a mark', utf32('hidden', true), 'is UTF-32, not UTF-8'],
  ['UTF-32LE', utf32('hidden', false), 'is UTF-32LE, not UTF-8'],
  ['Latin-1', Buffer.from('hidden ü', 'latin1'), 'is not valid UTF-8'],
  ['a workbook', Buffer.from('PK\u0003\u0004hidden'), 'is a workbook or ZIP archive'],
  ['binary', Buffer.from('hid\u0000den'), 'contains NUL bytes'],
  ['over its limit', new Uint8Array(MIB + 1), 'is over 1 MiB'],
])('rejects a file that is %s, with the problem and the next command', (_, content, problem) => {
  const path = file(content);
  const refusal = refusalOf(path);
  expect(refusal.problem).toContain(problem);
  expect(refusal.fix).toContain(path);
  expect(refusal.message).not.toContain('hidden');
});

it('rejects anything but a regular file, and does not wait for a pipe without a writer', async () => {
  expect(refusalOf(join(folder, 'absent')).problem).toBe('does not exist');
  expect(refusalOf(folder).problem).toBe('is not a regular file');
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  expect(refusalOf(pipe).problem).toBe('is not a regular file');
});

it('quotes a path in the next command', () => {
  const path = join(folder, "Ann's contacts.csv");
  writeFileSync(path, Buffer.from('\ufeffhidden', 'utf16le'));
  expect(refusalOf(path).fix).toContain(`-t UTF-8 '${folder}/Ann'\\''s contacts.csv' > '`);
});

it('allows an optional file to be absent', () => {
  expect(readOptionalText(join(folder, 'absent'))).toBeUndefined();
  expect(readOptionalText(file('\ufeffA=1'))).toBe('A=1');
  expect(() => readOptionalText(folder)).toThrow(TextFileError);
});
