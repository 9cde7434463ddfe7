/** The parts of JSON formatting that the standard leaves open. */
export interface JsonStyle {
  readonly comma: ',' | ', ';
  readonly colon: ':' | ': ';
  readonly isSorted: boolean;
  /** Whether non-ASCII characters are escaped. */
  readonly isAscii: boolean;
}

/**
 * The text that an old backend of Truedy signs instead of the one it sends: sorted keys, a space after `,` and `:`,
 * and only ASCII, as written by Python's `json.dumps(payload, sort_keys=True)`.
 */
export function legacyText(text: string): string {
  return writeJson(JSON.parse(text), {
    comma: ', ',
    colon: ': ',
    isSorted: true,
    isAscii: true,
  });
}

/** Writes a JSON value on one line. */
export function writeJson(value: unknown, style: JsonStyle): string {
  const { comma, colon, isSorted, isAscii } = style;
  if (Array.isArray(value)) return `[${value.map((one) => writeJson(one, style)).join(comma)}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (isSorted) entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const parts = entries.map(
      ([key, part]) => `${writeJson(key, style)}${colon}${writeJson(part, style)}`,
    );
    return `{${parts.join(comma)}}`;
  }
  const text = JSON.stringify(value);
  return isAscii ? ascii(text) : text;
}

// --- internal ---

function ascii(json: string): string {
  return json.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
