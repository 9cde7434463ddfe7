import { NEW_CONTACT } from '../../../src/call/contact/contact';
import { optIn, optOut } from '../../../src/call/contact/opt-outs';
import { parseLines, toLines } from '../../../src/cli/contact/opt-outs-file';

const NOW = Date.parse('2026-12-01T09:00:00.123Z');
const [ONE, TWO] = ['1', '2'].map((digit) => `contact/${digit.repeat(32)}`) as [string, string];
const out = optOut(NEW_CONTACT, 'said "no"\nby email', NOW);
const back = optOut(optIn(out, 'asked', NOW + 1), undefined, NOW + 2);

const CONTACTS = new Map([
  [ONE, { contact: out }],
  [TWO, { contact: back }],
]);
const text = (lines: readonly object[]) =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const [header = {}, ...lines] = toLines(CONTACTS, NOW);

it('is read as it was written, to the millisecond', () => {
  const { optOuts, problems } = parseLines(text([header, ...lines]));
  expect(problems).toEqual([]);
  expect([...optOuts]).toEqual([
    [ONE, out.optOuts],
    [TWO, back.optOuts],
  ]);
});

it('may have Windows line ends and empty lines', () => {
  const edited = `${text([header, ...lines]).replaceAll('\n', '\r\n')}\r\n\r\n`;
  expect(parseLines(edited).problems).toEqual([]);
});

it.each([
  ['an empty file', '', 'line 1'],
  ['a CSV file', 'record,at\n', 'line 1'],
  ['a file without its first line', text(lines), 'line 1'],
])('is not %s', (_, wrong, line) => {
  expect(parseLines(wrong).problems).toEqual([
    `${line}  is not the header of a file from contact export --opt-outs`,
  ]);
});

it('is incomplete if the count in its header is another', () => {
  expect(parseLines(text([header, ...lines.slice(1)])).problems).toEqual([
    'line 1  the count is 3, but the file has 2 opt-outs',
  ]);
});

it('has every problem listed by its line, without what it contains', () => {
  const at = new Date(NOW).toISOString();
  const wrong = [
    { ...header, optOuts: 6 },
    { workflowId: 'call/+14155550123', at },
    { workflowId: ONE, at: 'yesterday' },
    { workflowId: ONE, at, endedAt: '2020-01-01T00:00:00Z' },
    { workflowId: ONE, at, reason: 5, phone: '+14155550123' },
    { workflowId: ONE, at: '2026-02-31T00:00:00Z', endedAt: 'never', endReason: null },
  ];
  const { problems, optOuts } = parseLines(`${text(wrong)}nonsense +14155550123`);
  expect(problems).toEqual([
    'line 2  workflowId is not contact/ and 32 hex digits',
    'line 3  at is not ISO 8601 with an offset',
    'line 4  endedAt is before at',
    'line 5  has an unknown field',
    'line 5  reason is not a text',
    'line 6  at is not ISO 8601 with an offset',
    'line 6  endedAt is not ISO 8601 with an offset',
    'line 6  endReason is not a text',
    'line 7  is not a JSON object',
  ]);
  expect(optOuts.size).toBe(0);
});
