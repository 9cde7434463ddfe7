import { numberHint, refuseSpecial, specialKind } from '../../../src/cli/call/phone-number';

// Prefixes are from the numbering plans. The digits after them are not assigned.
it.each([
  ['premium in the US', '+19005550101', 'premium'],
  ['premium in France', '+33892000101', 'premium'],
  ['premium everywhere', '+97900000101', 'premium'],
  ['a shared-cost number in Switzerland', '+41848000101', 'shared_cost'],
  ['a satellite phone', '+881600000101', 'satellite'],
  ['on a ship', '+870770000101', 'satellite'],
])('detects the kind of a special number: %s', (_, number, kind) => {
  expect(specialKind(number)).toBe(kind);
});

it.each(['+14155550101', '+442079460101', '+18005550101'])(
  'detects no special kind for %s',
  (number) => {
    expect(specialKind(number)).toBeUndefined();
  },
);

it('rejects a special number, and prints the flag that allows it', () => {
  expect(() => refuseSpecial('+19005550101')).toThrow(/^TT3003 {2}\+1•••01 is a premium number/);
  expect(() => refuseSpecial('+19005550101', ['satellite'])).toThrow('--allow-kind premium');
});

it('accepts a special number that is allowed', () => {
  expect(() => refuseSpecial('+19005550101', ['premium'])).not.toThrow();
});

it.each([
  ['spaces and brackets', '+1 (415) 555-0101', 'leave out spaces, brackets, dots and hyphens'],
  ['a space at the end', '+14155550101 ', 'leave out spaces, brackets, dots and hyphens'],
  ['full-width digits', '+１４１５５５５０１０１', 'it contains U+FF11: type the number again'],
  ['digits of another script', '+1415555\u0660\u0661\u0660\u0661', 'it contains U+0660'],
  ['a typographic hyphen', '+1\u20114155550101', 'it contains U+2011 NON-BREAKING HYPHEN'],
  ['a hidden character', '\u202a+14155550101\u202c', 'delete it, or type the number again'],
  ['a link', 'tel:+14155550101', 'leave out tel:'],
  ['two zeros', '0014155550101', 'it begins with 0: use + and the country code instead'],
  ['no country code', '4155550101', 'it has no +: start with + and the country code'],
  ['an apostrophe', "'+14155550101", 'it begins with an apostrophe: format the column as text'],
  ['a formula', '="+14155550101"', 'it is a formula: format the column as text'],
  ['a rounded number', '1.41556E+10', 'a spreadsheet rounded it, so digits are lost: format'],
  [
    'a number rounded with a decimal comma',
    '1,41556E+10',
    'a spreadsheet rounded it, so digits are lost',
  ],
  [
    'decimals',
    '14155550101.0',
    'a spreadsheet formatted it as an amount: format the column as text',
  ],
])('explains the error: %s', (_, text, hint) => {
  expect(numberHint(text)).toContain(hint);
});

it.each([
  '911',
  '',
  '+1',
  'n/a',
  '+14155550101 ext 2',
  '020 7946 0101',
  // The trunk prefix is dropped in London and kept in Rome.
  '+44 (0)20 7946 0958',
  '+39 (0)6 1234 5678',
  // The prefixes for international calls in Australia and Korea. With + instead of 00 the second is in Jamaica.
  '0011 61 2 5550 0101',
  '001 65 8234 5678',
  '(415) 555-0101',
  '+1 415 555 0101 02',
])('suggests nothing for "%s"', (text) => {
  expect(numberHint(text)).toBeUndefined();
});

it('suggests only numbers that the numbering plans contain', () => {
  expect(numberHint('+1 (115) 555-0101')).toBeUndefined();
});
