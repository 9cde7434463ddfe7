import { writeJson, type JsonStyle } from '../../../truedy/python-json';

/** One way to write the JSON of a body, in the words a person is told. */
export interface JsonForm {
  readonly name: string;
  readonly text: string;
}

/**
 * The spellings of a body that a sender may have signed before somebody on the way wrote it anew. The
 * body's own spelling is not among them; numbers that JavaScript can't keep, such as `12.0`, are lost.
 */
export function jsonForms(body: string): readonly JsonForm[] {
  const whole = parsed(body);
  const written = whole === undefined ? [] : spellings(whole.value);
  return [
    { name: 'the same text without its last line break', text: body.replace(/\r?\n$/, '') },
    { name: 'the same text with LF for CRLF', text: body.replaceAll('\r\n', '\n') },
    ...withLineBreaks([{ name: 'the same text', text: body }, ...written]),
  ].filter(({ text }) => text !== body);
}

// --- internal ---

function parsed(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

function spellings(value: unknown): readonly JsonForm[] {
  const one = (name: string, style: Partial<JsonStyle>): JsonForm => ({
    name,
    text: writeJson(value, {
      comma: ',',
      colon: ':',
      isSorted: false,
      isAscii: false,
      ...style,
    }),
  });
  const python = { comma: ', ', colon: ': ' } as const;
  return [
    one('compact JSON', {}),
    one('compact JSON with sorted keys', { isSorted: true }),
    one('compact ASCII JSON', { isAscii: true }),
    one('compact ASCII JSON with sorted keys', { isAscii: true, isSorted: true }),
    one("JSON with Python's separators", python),
    one("JSON with Python's separators and sorted keys", { ...python, isSorted: true }),
    one("ASCII JSON with Python's separators", { ...python, isAscii: true }),
    one("ASCII JSON with Python's separators and sorted keys", {
      ...python,
      isAscii: true,
      isSorted: true,
    }),
    { name: 'JSON indented by 2', text: JSON.stringify(value, null, 2) },
    { name: 'JSON indented by 4', text: JSON.stringify(value, null, 4) },
  ];
}

function withLineBreaks(forms: readonly JsonForm[]): readonly JsonForm[] {
  return forms.flatMap(({ name, text }) => [
    { name, text },
    { name: `${name} with a line break at its end`, text: `${text}\n` },
  ]);
}
