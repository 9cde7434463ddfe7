import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { readCsv, readTextFile } from '../../src/cli/batch-file';

/** The cells by the lines they stand on. */
function cellsOf(text: string) {
  const { records, faults } = readCsv(text);
  expect(faults).toEqual([]);
  return records.map(({ line, lastLine, cells }) => [line, lastLine, ...cells]);
}

function faultsOf(text: string) {
  const { records, faults } = readCsv(text);
  return { good: records.map(({ cells }) => cells.join('|')), bad: faults.map(({ line }) => line) };
}

describe('readCsv', () => {
  it.each([
    ['LF', 'a,b\n1,2\n'],
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['CR', 'a,b\r1,2\r'],
    ['no break at the end', 'a,b\n1,2'],
    ['first one, then the other', 'a,b\r\n1,2\n'],
  ])('takes lines that end with %s', (_, text) => {
    expect(cellsOf(text)).toEqual([
      [1, 1, 'a', 'b'],
      [2, 2, '1', '2'],
    ]);
  });

  it.each([
    ['\n', 'x\ny'],
    ['\r\n', 'x\r\ny'],
  ])('counts lines on where a quoted cell holds a break: %j', (br, inside) => {
    expect(cellsOf(`a,b${br}"${inside}",2${br}3,4${br}`)).toEqual([
      [1, 1, 'a', 'b'],
      [2, 3, inside, '2'],
      [4, 4, '3', '4'],
    ]);
  });

  it('takes commas and doubled quotes within quotes', () => {
    expect(cellsOf('"a,b","say ""hi"""\n')).toEqual([[1, 1, 'a,b', 'say "hi"']]);
  });

  it('passes over empty lines, and rows of which a spreadsheet left commas alone', () => {
    expect(cellsOf('\na,b\n\n , \n,\n1,2\n\n')).toEqual([
      [2, 2, 'a', 'b'],
      [6, 6, '1', '2'],
    ]);
  });

  it.each([
    ['a quote that nobody closes', 'a,b\n1,2\n"3,4\n5,6\n7,8\n', [3]],
    ['two of them, which look like a pair', 'a,b\n1,2\n"3,4\n5,6\n"7,8\n', [3, 5]],
    ['a quote after the beginning', 'a,b\n1,2\n3 "x" y,4\n5,6\n', [3]],
    ['text after the closing quote', 'a,b\n1,2\n"3"x,4\n5,6\n', [3]],
  ])('names the line of %s, and loses no good row after it', (_, text, lines) => {
    const { good, bad } = faultsOf(text);
    expect(bad).toEqual(lines);
    expect(good).toEqual(expect.arrayContaining(['a|b', '1|2', '5|6']));
  });

  it('takes no cell that swallowed other rows', () => {
    const text = 'n,b\n+14155550101,"Ann\n+14155550102,Ben\n+14155550103,Cy"\n+14155550104,Di\n';
    expect(faultsOf(text).bad).toEqual([2, 4]);
  });

  it('has nothing of a file that has nothing', () => {
    expect(readCsv('')).toEqual({ records: [], faults: [] });
    expect(readCsv('\n\r\n')).toEqual({ records: [], faults: [] });
  });
});

describe('readTextFile', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'truedy-batch-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function file(content: string | Uint8Array): Promise<string> {
    const path = join(folder, `${Math.random()}.csv`);
    await writeFile(path, content);
    return path;
  }

  it('takes the byte order mark away', async () => {
    const path = await file('\ufeffphone_number\n');
    await expect(readTextFile(path)).resolves.toBe('phone_number\n');
  });

  it.each([
    ['missing', async () => join(folder, 'absent.csv'), 'is not there'],
    ['a folder', async () => folder, 'is no regular file'],
    ['over 16 MiB', () => file(new Uint8Array(16 * 1024 * 1024 + 1)), 'is over 16 MiB'],
    ['UTF-16', () => file(Buffer.from('\ufeffhidden', 'utf16le')), 'is not UTF-8'],
    ['Latin-1', () => file(Buffer.from('hidden ü', 'latin1')), 'is not UTF-8'],
  ])('refuses a file that is %s with exit 2', async (_, make, problem) => {
    const path = await make();
    const refusal = expect.objectContaining({
      exitCode: 2,
      message: expect.stringContaining(`TT3002  ${path} ${problem}`),
    });
    await expect(readTextFile(path)).rejects.toEqual(refusal);
    await expect(readTextFile(path)).rejects.not.toThrow('hidden');
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const path = join(folder, 'pipe');
    await promisify(execFile)('mkfifo', [path]);
    await expect(readTextFile(path)).rejects.toThrow('is no regular file');
  });
});
