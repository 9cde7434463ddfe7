import * as fc from 'fast-check';
import {
  cutToBytes,
  fitsInBytes,
  hiddenCharacter,
  hiddenInName,
  nonAsciiCharacter,
  printable,
  printableLine,
  withoutHidden,
} from '../../../src/call/text/characters';

describe('hiddenCharacter', () => {
  // Names from the Unicode Character Database, so that people can search for them.
  it.each([
    ['\0', 'U+0000 NULL'],
    ['\t', 'U+0009 CHARACTER TABULATION'],
    ['\n', 'U+000A LINE FEED'],
    ['\r', 'U+000D CARRIAGE RETURN'],
    ['\u0085', 'U+0085 NEXT LINE'],
    ['\u00a0', 'U+00A0 NO-BREAK SPACE'],
    ['\u00ad', 'U+00AD SOFT HYPHEN'],
    ['\u061c', 'U+061C ARABIC LETTER MARK'],
    ['\u2007', 'U+2007 FIGURE SPACE'],
    ['\u2009', 'U+2009 THIN SPACE'],
    ['\u200b', 'U+200B ZERO WIDTH SPACE'],
    ['\u200c', 'U+200C ZERO WIDTH NON-JOINER'],
    ['\u200d', 'U+200D ZERO WIDTH JOINER'],
    ['\u200e', 'U+200E LEFT-TO-RIGHT MARK'],
    ['\u200f', 'U+200F RIGHT-TO-LEFT MARK'],
    ['\u2028', 'U+2028 LINE SEPARATOR'],
    ['\u2029', 'U+2029 PARAGRAPH SEPARATOR'],
    ['\u202a', 'U+202A LEFT-TO-RIGHT EMBEDDING'],
    ['\u202b', 'U+202B RIGHT-TO-LEFT EMBEDDING'],
    ['\u202c', 'U+202C POP DIRECTIONAL FORMATTING'],
    ['\u202d', 'U+202D LEFT-TO-RIGHT OVERRIDE'],
    ['\u202e', 'U+202E RIGHT-TO-LEFT OVERRIDE'],
    ['\u202f', 'U+202F NARROW NO-BREAK SPACE'],
    ['\u2060', 'U+2060 WORD JOINER'],
    ['\u2066', 'U+2066 LEFT-TO-RIGHT ISOLATE'],
    ['\u2067', 'U+2067 RIGHT-TO-LEFT ISOLATE'],
    ['\u2068', 'U+2068 FIRST STRONG ISOLATE'],
    ['\u2069', 'U+2069 POP DIRECTIONAL ISOLATE'],
    ['\u3000', 'U+3000 IDEOGRAPHIC SPACE'],
    ['\ufeff', 'U+FEFF ZERO WIDTH NO-BREAK SPACE (a byte order mark)'],
  ])('names %j', (character, name) => {
    expect(hiddenCharacter(`a${character}b`)).toBe(name);
  });

  it.each([
    ['without a name here, private use', '\ue000', 'U+E000'],
    ['beyond the first plane, a tag', '\u{e0041}', 'U+E0041'],
    ['a Braille pattern without dots', '\u2800', 'U+2800'],
    ['an invisible letter', '\u3164', 'U+3164'],
    ['an unpaired surrogate', '\ud83c', 'U+D83C'],
  ])('returns the code point of %s', (_, character, code) => {
    expect(hiddenCharacter(`a${character}b`)).toBe(code);
  });

  it('names the first of several', () => {
    expect(hiddenCharacter('a\u200b\u00a0')).toBe('U+200B ZERO WIDTH SPACE');
  });

  it.each(['', 'a b', ' a ', 'Zoë', '日本', '🌸', '–'])('finds none in %j', (text) => {
    expect(hiddenCharacter(text)).toBeUndefined();
  });
});

describe('hiddenInName', () => {
  it.each([' name', 'name ', ' '])('names the plain space at an end of %j', (name) => {
    expect(hiddenInName(name)).toBe('U+0020 SPACE');
  });

  it('names a hidden character before a space at an end', () => {
    expect(hiddenInName(' na\u200bme')).toBe('U+200B ZERO WIDTH SPACE');
  });

  it.each(['', 'name', 'first name'])('finds none in %j', (name) => {
    expect(hiddenInName(name)).toBeUndefined();
  });
});

describe('nonAsciiCharacter', () => {
  it.each([
    ['+1415\u20105550101', 'U+2010 HYPHEN'],
    ['+1415\u20115550101', 'U+2011 NON-BREAKING HYPHEN'],
    ['+1415\u20125550101', 'U+2012 FIGURE DASH'],
    ['+1415\u20135550101', 'U+2013 EN DASH'],
    ['+1415\u20145550101', 'U+2014 EM DASH'],
    ['\u221214155550101', 'U+2212 MINUS SIGN'],
    ['+1415555010\u0661', 'U+0661'],
    ['+14155550101\x7f', 'U+007F'],
    ['+14155550101\n', 'U+000A LINE FEED'],
  ])('of %j is %s', (text, name) => {
    expect(nonAsciiCharacter(text)).toBe(name);
  });

  it('is undefined for printable ASCII', () => {
    const printed = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
    expect(nonAsciiCharacter(printed.join(''))).toBeUndefined();
  });
});

describe('withoutHidden', () => {
  it('removes hidden characters, and spaces at the ends', () => {
    expect(withoutHidden('\ufeff phone\u200b_num\u00a0ber \t')).toBe('phone_number');
  });

  it('keeps spaces inside', () => {
    expect(withoutHidden('first  name')).toBe('first  name');
  });
});

describe('printable', () => {
  it.each([
    ['\x1b[31mred', '\\x1b[31mred'],
    ['a\x00b', 'a\\x00b'],
    ['a\x7f', 'a\\x7f'],
    ['a\r', 'a\\x0d'],
    ['\u009b2J', '\\x9b2J'],
    ['\u202ea', '\\u202ea'],
    ['\u2066a\u2069', '\\u2066a\\u2069'],
  ])('shows %j as %j', (text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableLine(text)).toBe(shown);
  });

  it.each(['', 'a b', 'Zoë 日本 🌸', 'one\ntwo\tthree'])('does not change %j', (text) => {
    expect(printable(text)).toBe(text);
  });
});

describe('printableLine', () => {
  it('stays on one line', () => {
    expect(printableLine('one\ntwo\tthree\n')).toBe('one\\x0atwo\\x09three\\x0a');
  });
});

describe('cutToBytes', () => {
  // The first and the last code point of each length in UTF-8.
  it.each(['\0', '\x7f', '\x80', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}'])(
    'counts the bytes of %j',
    (character) => {
      const bytes = Buffer.byteLength(character);
      const text = `${character}a`;
      expect(cutToBytes(text, bytes - 1)).toBe('');
      expect(cutToBytes(text, bytes)).toBe(character);
      expect([fitsInBytes(text, bytes), fitsInBytes(text, bytes + 1)]).toEqual([false, true]);
    },
  );

  it('keeps as many whole characters as fit', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '日', '🌸') });
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (whole, most) => {
        const cut = cutToBytes(whole, most);
        const [next = ''] = whole.slice(cut.length);
        expect(whole.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
        expect(next === '' || Buffer.byteLength(cut + next) > most).toBe(true);
      }),
    );
  });
});
