/** Unicode names of the invisible characters that spreadsheets, chat programs and web pages insert. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NULL'],
  [0x09, 'CHARACTER TABULATION'],
  [0x0a, 'LINE FEED'],
  [0x0d, 'CARRIAGE RETURN'],
  [0x20, 'SPACE'],
  [0x85, 'NEXT LINE'],
  [0xa0, 'NO-BREAK SPACE'],
  [0xad, 'SOFT HYPHEN'],
  [0x061c, 'ARABIC LETTER MARK'],
  [0x2007, 'FIGURE SPACE'],
  [0x2009, 'THIN SPACE'],
  [0x200b, 'ZERO WIDTH SPACE'],
  [0x200c, 'ZERO WIDTH NON-JOINER'],
  [0x200d, 'ZERO WIDTH JOINER'],
  [0x200e, 'LEFT-TO-RIGHT MARK'],
  [0x200f, 'RIGHT-TO-LEFT MARK'],
  [0x2010, 'HYPHEN'],
  [0x2011, 'NON-BREAKING HYPHEN'],
  [0x2012, 'FIGURE DASH'],
  [0x2013, 'EN DASH'],
  [0x2014, 'EM DASH'],
  [0x2028, 'LINE SEPARATOR'],
  [0x2029, 'PARAGRAPH SEPARATOR'],
  [0x202a, 'LEFT-TO-RIGHT EMBEDDING'],
  [0x202b, 'RIGHT-TO-LEFT EMBEDDING'],
  [0x202c, 'POP DIRECTIONAL FORMATTING'],
  [0x202d, 'LEFT-TO-RIGHT OVERRIDE'],
  [0x202e, 'RIGHT-TO-LEFT OVERRIDE'],
  [0x202f, 'NARROW NO-BREAK SPACE'],
  [0x2060, 'WORD JOINER'],
  [0x2066, 'LEFT-TO-RIGHT ISOLATE'],
  [0x2067, 'RIGHT-TO-LEFT ISOLATE'],
  [0x2068, 'FIRST STRONG ISOLATE'],
  [0x2069, 'POP DIRECTIONAL ISOLATE'],
  [0x2212, 'MINUS SIGN'],
  [0x3000, 'IDEOGRAPHIC SPACE'],
  [0xfeff, 'ZERO WIDTH NO-BREAK SPACE (a byte order mark)'],
]);

// Invisible characters, and whitespace other than the plain space. U+2800 is a Braille pattern without dots.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}\u2800]|[^\S ]/u;
const NOT_PLAIN = /[^\x20-\x7e]/u;

/** The first character that a reader cannot see or distinguish from a space, such as `U+00A0 NO-BREAK SPACE`. */
export function hiddenCharacter(text: string): string | undefined {
  return nameOf(HIDDEN.exec(text)?.[0]);
}

/** Like `hiddenCharacter`, but a plain space at either end of the name counts as hidden, too. */
export function hiddenInName(name: string): string | undefined {
  return hiddenCharacter(name) ?? nameOf(/^ | $/.exec(name)?.[0]);
}

/** The first character that is not printable ASCII, such as a typographic dash or a digit of another script. */
export function nonAsciiCharacter(text: string): string | undefined {
  return nameOf(NOT_PLAIN.exec(text)?.[0]);
}

/** Removes the characters that `hiddenCharacter` reports, and spaces at both ends. */
export function withoutHidden(text: string): string {
  return text.replace(new RegExp(HIDDEN, 'gu'), '').trim();
}

/**
 * Escapes untrusted text for a terminal: control characters and bidirectional overrides are shown as `\\x1b`.
 * Line breaks and tabs are kept.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, escaped);
}

/** Like `printable`, for text that must stay on one line: a table cell, an id, a reason. */
export function printableLine(text: string): string {
  return printable(text.replace(/[\n\t]/g, escaped));
}

/** Whether the text takes at most `maxBytes` bytes in UTF-8. */
export function fitsInBytes(text: string, maxBytes: number): boolean {
  return cutToBytes(text, maxBytes) === text;
}

/** The longest start of the text that takes at most `maxBytes` bytes in UTF-8 and splits no character. */
export function cutToBytes(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

// --- internal ---

function escaped(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`;
}

function nameOf(character: string | undefined): string | undefined {
  const point = character?.codePointAt(0);
  if (point === undefined) return undefined;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(point);
  return name === undefined ? code : `${code} ${name}`;
}
