import * as fc from 'fast-check';
import { readCsv } from '../../../src/cli/batch/csv';

/** The cells by their lines. */
function cellsOf(text: string) {
  const { records, errors } = readCsv(text);
  expect(errors).toEqual([]);
  return records.map(({ line, lastLine, cells }) => [line, lastLine, ...cells]);
}

describe('readCsv', () => {
  it.each([
    ['LF', 'a,b\n1,2\n'],
    ['CRLF', 'a,b\r\n1,2\r\n'],
    ['CR', 'a,b\r1,2\r'],
    ['no break at the end', 'a,b\n1,2'],
    ['a mix of both', 'a,b\r\n1,2\n'],
  ])('reads lines that end with %s', (_, text) => {
    expect(cellsOf(text)).toEqual([
      [1, 1, 'a', 'b'],
      [2, 2, '1', '2'],
    ]);
  });

  it.each([
    ['\n', 'x\ny'],
    ['\r\n', 'x\r\ny'],
  ])('counts the line breaks inside a quoted cell: %j', (br, inside) => {
    expect(cellsOf(`a,b${br}"${inside}",2${br}3,4${br}`)).toEqual([
      [1, 1, 'a', 'b'],
      [2, 3, inside, '2'],
      [4, 4, '3', '4'],
    ]);
  });

  it('reads commas and doubled quotes within quotes', () => {
    expect(cellsOf('"a,b","say ""hi"""\n')).toEqual([[1, 1, 'a,b', 'say "hi"']]);
  });

  it('skips empty lines, and rows that contain only commas', () => {
    expect(cellsOf('\na,b\n\n , \n,\n1,2\n\n')).toEqual([
      [2, 2, 'a', 'b'],
      [6, 6, '1', '2'],
    ]);
  });

  it.each([
    ['a quote that is never closed', 'a,b\n1,2\n"3,4\n5,6\n7,8\n', 3, 5],
    ['two unclosed quotes that look like a pair', 'a,b\n1,2\n"3,4\n5,6\n"7,8\n', 3, 5],
    ['a quote inside an unquoted cell', 'a,b\n1,2\n3 "x" y,4\n5,6\n', 3, 4],
    ['text after the closing quote', 'a,b\r\n1,2\r\n"3"x,4\r\n5,6', 3, 4],
    ['quotes within quotes that are not doubled', 'a,b\n1,2\n"so "hi\n5,6\n" it",4\n7,8\n', 3, 6],
  ])('reads no row after %s', (_, text, line, lastLine) => {
    const { records, errors } = readCsv(text);
    expect(records.map(({ cells }) => cells.join('|'))).toEqual(['a|b', '1|2']);
    expect(errors).toEqual([{ line, lastLine, problem: expect.any(String), isOfFile: true }]);
  });

  it('reports the formula that a spreadsheet writes around a number', () => {
    expect(readCsv('n,b\r\n="+14155550101",a\r\n').errors).toEqual([
      expect.objectContaining({ line: 2, problem: expect.stringContaining('has a formula, ="…"') }),
    ]);
  });

  it('reads a cell of several lines that contain numbers as one row', () => {
    const note = 'Contacts:\n+14155550102, his wife\n+14155550103, office\nEnd';
    expect(cellsOf(`n,b\n+14155550101,"${note}"\n+14155550104,Di\n`)).toEqual([
      [1, 1, 'n', 'b'],
      [2, 5, '+14155550101', note],
      [6, 6, '+14155550104', 'Di'],
    ]);
  });

  it('treats CR as the end of a row only if no row ends with LF', () => {
    expect(cellsOf('a,b\r"x\ny",2\r3,4\r')).toEqual([
      [1, 1, 'a', 'b'],
      [2, 3, 'x\ny', '2'],
      [4, 4, '3', '4'],
    ]);
  });

  it.each(['a\n1\r2\n3\n', 'a\r\n1\r2\r\n3\r\n', 'a\n1\r\r\n3\n'])(
    'rejects a lone CR outside quotes: %j',
    (text) => {
      const { records, errors } = readCsv(text);
      expect(records.map(({ cells }) => cells.join('|'))).toEqual(['a', '3']);
      expect(errors).toMatchObject([{ line: 2, lastLine: 3 }]);
    },
  );

  it('reads no rows from an empty file', () => {
    expect(readCsv('')).toEqual({ records: [], errors: [] });
    expect(readCsv('\n\r\n')).toEqual({ records: [], errors: [] });
  });
});

describe('a file of random cells', () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('', '"', 'a\n+14155550102,b', 'a\r\n"b"\r', '\n', '=', ' x '),
  );
  const rows = fc.array(fc.tuple(cell, cell), { minLength: 1 });
  const breaks = fc.constantFrom('\n', '\r\n', '\r');
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const written = (cells: readonly (readonly string[])[], br: string) =>
    cells.map((row) => row.map(quoted).join(',') + br).join('');
  const isFilled = (row: readonly string[]) => row.some((text) => text.trim() !== '');

  it('is read back unchanged', () => {
    fc.assert(
      fc.property(rows, breaks, (cells, br) => {
        const { records, errors } = readCsv(written(cells, br));
        expect(errors).toEqual([]);
        expect(records.map((record) => record.cells)).toEqual(cells.filter(isFilled));
      }),
    );
  });

  it('has the right lines, regardless of quoted content', () => {
    fc.assert(
      fc.property(rows, breaks, (cells, br) => {
        const lines = written(cells, br).split(/\r\n|\n|\r/);
        for (const { line, lastLine, cells: read } of readCsv(written(cells, br)).records) {
          const inside = lines.slice(line - 1, lastLine).join('\n');
          expect(inside).toBe(read.map(quoted).join(',').replace(/\r\n?/g, '\n'));
        }
      }),
    );
  });

  it('has an error if any one quote is missing', () => {
    fc.assert(
      fc.property(rows, breaks, fc.nat(), (cells, br, seed) => {
        const text = written(cells, br);
        const quotes = [...text.matchAll(/"/g)].map(({ index }) => index);
        const at = quotes[seed % quotes.length] ?? 0;
        const { errors } = readCsv(text.slice(0, at) + text.slice(at + 1));
        expect(errors).not.toEqual([]);
      }),
    );
  });
});
