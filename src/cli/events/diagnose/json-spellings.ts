import { parseJson } from '../../../runtime/text-file';
import { writeJson } from '../../../truedy/python-json';

/** One way to write the JSON of a body. `name` is for people. */
export interface JsonForm {
  readonly name: string;
  readonly text: string;
}

/**
 * Other texts with the content of a body: one of them may have been signed before a proxy reformatted it.
 * Numbers that JavaScript cannot preserve, such as `12.0`, are not reproduced.
 */
export function jsonForms(body: string): readonly JsonForm[] {
  const parsed = parseJson(body);
  const written = parsed === undefined ? [] : spellings(parsed);
  return [
    { name: 'the same text without its last line break', text: body.replace(/\r?\n$/, '') },
    { name: 'the same text with LF for CRLF', text: body.replaceAll('\r\n', '\n') },
    ...withLineBreaks([{ name: 'the same text', text: body }, ...written]),
  ].filter(({ text }) => text !== body);
}

// --- internal ---

const COMPACT = { comma: ',', colon: ':' } as const;
const PYTHON = { comma: ', ', colon: ': ' } as const;
const BOTH = [false, true];

function spellings(value: unknown): readonly JsonForm[] {
  const styled = [COMPACT, PYTHON].flatMap((separators) =>
    BOTH.flatMap((isAscii) =>
      BOTH.map((isSorted) => ({
        name: nameOf(separators === PYTHON, isAscii, isSorted),
        text: writeJson(value, { ...separators, isAscii, isSorted }),
      })),
    ),
  );
  return [
    ...styled,
    { name: 'JSON indented by 2', text: JSON.stringify(value, null, 2) },
    { name: 'JSON indented by 4', text: JSON.stringify(value, null, 4) },
  ];
}

function nameOf(isPython: boolean, isAscii: boolean, isSorted: boolean): string {
  const json = isAscii ? 'ASCII JSON' : 'JSON';
  if (!isPython) return `compact ${json}${isSorted ? ' with sorted keys' : ''}`;
  return `${json} with Python's separators${isSorted ? ' and sorted keys' : ''}`;
}

function withLineBreaks(forms: readonly JsonForm[]): readonly JsonForm[] {
  return forms.flatMap(({ name, text }) => [
    { name, text },
    { name: `${name} with a line break at its end`, text: `${text}\n` },
  ]);
}
