import { isBatchName } from '../../../src/cli/batch/row-keys';
import { toSheet } from '../../../src/cli/batch/rows';

const BASE = { call: { agent_id: 'agent_1' }, labels: { campaign: 'spring' } };
const ANN = '+14155550101';
const BEN = '+14155550102';

function sheet(text: string, base: unknown = BASE) {
  return toSheet(text, base, 'spring');
}

function rowsOf(text: string, base: unknown = BASE) {
  const { rows, errors } = sheet(text, base);
  expect(errors).toEqual([]);
  return rows;
}

/** Each error as `line problem`. */
function errorsOf(text: string, base: unknown = BASE) {
  return sheet(text, base).errors.map(({ line, problem }) => `${line} ${problem}`);
}

function idsOf(text: string) {
  return rowsOf(text).map(({ workflowId }) => workflowId);
}

describe('a row', () => {
  it('becomes an input: its cells override the common values of all rows', () => {
    const base = {
      call: { agent_id: 'agent_1', variables: { shop: 'North', first_name: 'you' } },
      window: { timeZone: 'Europe/Berlin', from: '09:00', to: '18:00' },
      notBefore: '2026-12-01T09:00:00Z',
      labels: { campaign: 'spring' },
    };
    const [row] = rowsOf(
      'phone_number,key,agent_id,time_zone,not_before,expires_at,var.first_name,var.sum\n' +
        `${ANN},order-1,agent_2,America/New_York,2026-12-02T09:00:00Z,2026-12-03T09:00:00Z,"Ann, A.",1=1\n`,
      base,
    );
    expect(row).toEqual({
      line: 2,
      key: 'order-1',
      workflowId: 'call/spring/order-1',
      input: {
        call: {
          agent_id: 'agent_2',
          phone_number: ANN,
          variables: { shop: 'North', first_name: 'Ann, A.', sum: '1=1' },
        },
        window: { timeZone: 'America/New_York', from: '09:00', to: '18:00' },
        notBefore: '2026-12-02T09:00:00Z',
        expiresAt: '2026-12-03T09:00:00Z',
        labels: { campaign: 'spring' },
      },
    });
  });

  it('ignores an empty cell', () => {
    const base = { ...BASE, call: { agent_id: 'agent_1', variables: { first_name: 'you' } } };
    const [row] = rowsOf(`phone_number,agent_id,time_zone,var.first_name\n${ANN},,,\n`, base);
    expect(row?.input).toEqual({ ...base, call: { ...base.call, phone_number: ANN } });
  });

  it('never uses a phone number from the common values', () => {
    const base = { call: { agent_id: 'agent_1', phone_number: ANN } };
    const errors = errorsOf('phone_number,key\n,order-1\n', base);
    expect(errors).toEqual(['2 phone_number  is not E.164, such as +14155551234']);
  });
});

describe('the id of a row', () => {
  it('depends only on its key, not on its other cells or its position', () => {
    const first = idsOf(`phone_number,key,var.a\n${ANN},order-1,x\n${BEN},order-2,x\n`);
    const second = idsOf(`key,phone_number\norder-2,${ANN}\norder-1,${BEN}\n`);
    expect(first).toEqual(['call/spring/order-1', 'call/spring/order-2']);
    expect(second).toEqual(['call/spring/order-2', 'call/spring/order-1']);
  });

  it('depends only on its number if it has no key, and does not contain the number', () => {
    const first = idsOf(`phone_number,var.a\n${ANN},x\n${BEN},x\n`);
    const second = idsOf(`var.a,phone_number\ny,${BEN}\nz,${ANN}\n`);
    expect(second).toEqual([...first].reverse());
    // Pinned: with other ids, resuming a batch would call every row again.
    expect(first).toEqual(['call/spring/n-3112522ec8975035', 'call/spring/n-c6e18917f7669181']);
  });

  it('differs in another batch', () => {
    const text = `phone_number\n${ANN}\n`;
    const [spring, summer] = ['spring', 'summer'].map(
      (name) => toSheet(text, BASE, name).rows[0]?.key,
    );
    expect(spring).not.toBe(summer);
  });
});

describe('a duplicate', () => {
  it('is an error that contains the other line', () => {
    const text = `phone_number\n${ANN}\n${BEN}\n${ANN}\n${ANN}\n`;
    const problem = 'phone_number  repeats line 2: remove one row, or give each a key';
    expect(errorsOf(text)).toEqual([`4 ${problem}`, `5 ${problem}`]);
  });

  it('of a number is accepted if each row has its own key', () => {
    expect(idsOf(`phone_number,key\n${ANN},a\n${ANN},b\n`)).toHaveLength(2);
  });

  it('of a number is an error if only one of the two rows has a key', () => {
    expect(errorsOf(`phone_number,key\n${ANN},a\n${ANN},\n`)).toEqual([
      '3 phone_number  repeats line 2: remove one row, or give each a key',
    ]);
  });

  it('of a key is an error', () => {
    expect(errorsOf(`phone_number,key\n${ANN},a\n${BEN},a\n`)).toEqual(['3 key  repeats line 2']);
  });
});

describe('an error', () => {
  it.each([
    ['an invalid number', 'phone_number', 'n/a', 'phone_number  is not E.164'],
    ['a number with spaces', 'phone_number', '+1 415 555 0101', 'phone_number  is not E.164'],
    ['a number after a space', 'phone_number', ` ${ANN}`, 'phone_number  is not E.164'],
    ['an invalid zone', 'time_zone', 'EST5', 'time_zone  is not an IANA time zone'],
    ['an instant without an offset', 'not_before', '2026-12-01 09:00', 'not_before  is not ISO'],
    ['an invalid expiry', 'expires_at', 'soon', 'expires_at  is not ISO 8601'],
    ['a reserved name', 'var.temporal_ref', 'x', 'var.temporal_ref  is reserved'],
    ['a property name of JavaScript', 'var.__proto__', 'x', 'var.__proto__  is not a name'],
    ['a key that is a number', 'key', '4155550101', 'key  must not contain a phone number'],
    [
      'a key that contains the number',
      'key',
      'ann-14155550101',
      'key  must not contain a phone number',
    ],
    ['a key of two words', 'key', 'order 1', 'key  must be letters, digits'],
    ['a key that a spreadsheet would evaluate', 'key', '=1+1', 'key  must be letters, digits'],
    ['a key that looks like an attempt', 'key', 'order#2', 'key  must be letters, digits'],
  ])('contains line and column, but not the value: %s', (_, column, value, problem) => {
    const base = { ...BASE, window: { timeZone: 'UTC', from: '09:00', to: '18:00' } };
    const cells: Record<string, string> = { phone_number: ANN, key: 'order-1', [column]: value };
    const names = Object.keys(cells);
    const text = `${names.join(',')}\n${names.map((name) => cells[name]).join(',')}\n`;
    const errors = errorsOf(text, base);
    expect(errors).toEqual([expect.stringContaining(`2 ${problem}`)]);
    if (value.length > 1) expect(errors[0]?.split('  ')[1]).not.toContain(value);
  });

  it.each([
    ['\u202a+14155550101\u202c', 'contains U+202A LEFT-TO-RIGHT EMBEDDING; delete it'],
    ["'+14155550101", 'it begins with an apostrophe: format the column as text'],
    ['1.41556E+10', 'a spreadsheet rounded it, so digits are lost'],
    ['+1\u20114155550101', 'it contains U+2011 NON-BREAKING HYPHEN'],
  ])(
    'of a number explains what is not visible, without repeating the value: %j',
    (number, text) => {
      const errors = errorsOf(`phone_number,key\n"${number}",a\n`);
      expect(errors).toEqual([expect.stringContaining(text)]);
      expect(errors[0]).not.toMatch(/5550101|41556/);
    },
  );

  it('of a key contains the name of the invisible character', () => {
    expect(errorsOf(`phone_number,key\n${ANN},order-1\u200b\n`)).toEqual([
      expect.stringMatching(/^2 key {2}must be letters.*; it contains U\+200B ZERO WIDTH SPACE$/),
    ]);
  });

  it.each([
    ['var.first_name ', 'U+0020 SPACE', ' (var.first_name)'],
    [' var.first_name', 'U+0020 SPACE', ' (var.first_name)'],
    ['var. first_name', 'U+0020 SPACE', ' (var.first_name)'],
    ['var.first_name\u00a0', 'U+00A0 NO-BREAK SPACE', ' (var.first_name)'],
    ['var.\u200bfirst_name', 'U+200B ZERO WIDTH SPACE', ' (var.first_name)'],
    ['\ufefftime_zone', 'U+FEFF ZERO WIDTH NO-BREAK SPACE (a byte order mark)', ' (time_zone)'],
    ['Ann\u00a0', 'U+00A0 NO-BREAK SPACE', ''],
  ])('of the column %j contains the name of the invisible character', (name, character, shown) => {
    expect(errorsOf(`phone_number,${name}\n${ANN},x\n`)).toEqual([
      `1 the name of column 2${shown} contains an invisible character: ${character}`,
    ]);
  });

  it('for a separator hint of spreadsheets contains the line to delete', () => {
    expect(errorsOf(`sep=,\nphone_number,key\n${ANN},a\n`)).toEqual([
      '1 is a separator line for spreadsheets: delete it',
    ]);
  });

  it('for zones without calling hours contains the missing flag, once', () => {
    expect(errorsOf(`phone_number,time_zone\n${ANN},UTC\n`)).toEqual(['2 --window  is required']);
  });

  it('about the number of cells is the only error of its row', () => {
    expect(errorsOf(`phone_number,key\n${ANN}\n${BEN},a,b\nn/a,c\n`)).toEqual([
      '2 has a different number of cells (1) than the header (2)',
      '3 has a different number of cells (3) than the header (2)',
      '4 phone_number  is not E.164, such as +14155551234',
    ]);
  });

  it('does not hide the errors of other rows or the valid rows', () => {
    const text = `phone_number,var.a\nn/a,1\n${ANN},2\nx,3\n${BEN},4\n`;
    const { rows, errors, count } = sheet(text);
    expect(errors.map(({ line }) => line)).toEqual([2, 4]);
    expect(rows.map(({ line }) => line)).toEqual([3, 5]);
    expect(count).toBe(4);
  });

  it('about a quote ends the list of rows', () => {
    const { rows, errors } = sheet(`phone_number,var.a\n${ANN},1\nx,"2\n${BEN},3\n`);
    expect(errors).toMatchObject([{ line: 3, lastLine: 4 }]);
    expect(rows.map(({ line }) => line)).toEqual([2]);
  });

  it('contains the range of lines that may contain other rows', () => {
    const { errors } = sheet(`phone_number,var.a\nn/a,"1\n2"\n${ANN},3\n`);
    expect(errors).toMatchObject([{ line: 2, lastLine: 3 }]);
  });
});

describe('a warning', () => {
  const warningsOf = (text: string) => sheet(text).warnings;

  it('contains a column that is empty in some rows, once', () => {
    const text = `phone_number,key,var.name,var.sum\n${ANN},a,Ann,\n${BEN},b,,\n+14155550103,c,,\n`;
    expect(warningsOf(text)).toEqual([
      'var.name is empty in 2 of 3 rows, first in line 3. These rows use the value from the flags or --input, if there is one.',
    ]);
  });

  it('is absent if all cells of a column are empty or filled', () => {
    expect(warningsOf(`phone_number,var.a,var.b\n${ANN},1,\n${BEN},2,\n`)).toEqual([]);
  });

  it('contains a row with a cell whose lines look like rows', () => {
    const text = `phone_number,key,var.note\n${ANN},a,"See\n${BEN}, his wife\nEnd"\n+14155550103,b,"x\ny"\n`;
    expect(warningsOf(text)).toEqual([
      'Lines 2-4 are one row: a quoted cell contains lines that start with a phone number. Those numbers are not called.',
    ]);
  });
});

describe('a file that is not a list of calls', () => {
  it.each([
    ['empty', '', ['1 the file is empty']],
    ['a header alone', 'phone_number\n', ['1 no row follows the header']],
    [
      'without a column for numbers',
      'key\norder-1\n',
      ['1 column phone_number is missing (columns are separated by commas)'],
    ],
    [
      'with unknown columns',
      `phone_number,nmae,var.\n${ANN},Ann,x\n`,
      [2, 3].map((at) =>
        expect.stringMatching(`1 column ${at} has an unknown name: use phone_number, .*var`),
      ),
    ],
    [
      'with a duplicate column',
      `phone_number,key,key\n${ANN},a,b\n`,
      ['1 column 3 repeats an earlier column'],
    ],
    [
      'with a quote in its header',
      `"phone_number\n${ANN}\n`,
      ['1 opens a quote that is never closed'],
    ],
  ])('is rejected: %s', (_, text, errors) => {
    expect(sheet(text).rows).toEqual([]);
    expect(errorsOf(text)).toEqual(errors);
  });
});

describe('isBatchName', () => {
  it.each([
    ['spring-2026', true],
    ['Q4.final_2', true],
    ['', false],
    ['spring sale', false],
    ['a/b', false],
    ['+14155550101', false],
    ['415-555-0101', false],
    ['x'.repeat(65), false],
  ])('of %j is %s', (name, expected) => {
    expect(isBatchName(name)).toBe(expected);
  });
});

describe('a premium number', () => {
  const text = 'phone_number\n+14155550101\n+19005550102\n';

  it('is an error of its row', () => {
    expect(errorsOf(text)).toEqual([
      '3 phone_number  is a premium number (--allow-kind premium allows it)',
    ]);
  });

  it('is called if a flag allows it', () => {
    expect(toSheet(text, BASE, 'spring', ['premium'])).toMatchObject({ errors: [], count: 2 });
  });
});
