import { refuseSpecial, repairHint, specialKind } from '../../src/cli/number';

// Ranges of the numbering plans; the digits after them are nobody's.
it.each([
  ['premium in the US', '+19005550101', 'premium'],
  ['premium in France', '+33892000101', 'premium'],
  ['premium everywhere', '+97900000101', 'premium'],
  ['of shared cost in Switzerland', '+41848000101', 'shared_cost'],
  ['a satellite phone', '+881600000101', 'satellite'],
  ['on a ship', '+870770000101', 'satellite'],
])('knows a number that is %s', (_, number, kind) => {
  expect(specialKind(number)).toBe(kind);
});

it.each(['+14155550101', '+442079460101', '+18005550101'])('calls %s a usual number', (number) => {
  expect(specialKind(number)).toBeUndefined();
});

it('refuses a special number, and names the flag that allows it', () => {
  expect(() => refuseSpecial('+19005550101')).toThrow(/^TT3003 {2}\+1•••01 is a premium number/);
  expect(() => refuseSpecial('+19005550101', ['satellite'])).toThrow('--allow-kind premium');
});

it('lets a special number pass that is allowed', () => {
  expect(() => refuseSpecial('+19005550101', ['premium'])).not.toThrow();
});

it.each([
  ['blanks and brackets', '+1 (415) 555-0101', 'leave out blanks, brackets, dots and hyphens'],
  ['two zeros', '0014155550101', 'write + for the leading 00'],
  ['full-width digits', '+１４１５５５５０１０１', 'write plain digits'],
  ['no country code', '(415) 555-0101', 'with the US assumed it would be +1•••01'],
])('tells how to mend %s', (_, text, hint) => {
  expect(repairHint(text)).toContain(hint);
});

it.each(['911', '', '+1', 'n/a', '+14155550101 ext 2', '020 7946 0101'])(
  'guesses nothing of "%s"',
  (text) => {
    expect(repairHint(text)).toBeUndefined();
  },
);
