import { parseJson, readTextFile, shellWord, TextFileError } from '../../runtime/text-file';

/**
 * The JSON object of a file.
 *
 * @throws TextFileError for anything else, and if a key occurs twice in one object: `JSON.parse` would
 * use the last one without a warning.
 */
export function readJsonObject(path: string, mostBytes: number): Readonly<Record<string, unknown>> {
  const text = readTextFile(path, mostBytes);
  const json = parseJson(text);
  if (json === undefined) throw new TextFileError('is not valid JSON', `jq . ${shellWord(path)}`);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TextFileError('does not contain a JSON object', `jq type ${shellWord(path)}`);
  }
  const key = repeatedKey(text);
  if (key !== undefined) {
    throw new TextFileError(
      `contains the key ${key} twice in one object`,
      `less ${shellWord(path)}`,
    );
  }
  return { ...json };
}

// --- internal ---

/** The first key that occurs twice in one object of a valid JSON text, as JSON. */
function repeatedKey(json: string): string | undefined {
  const open: Set<unknown>[] = [];
  let text = '';
  for (const [token] of json.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = token;
    else {
      // Parsed, since `"call\u005fid"` is the key `call_id`.
      const key: unknown = JSON.parse(text);
      if (open.at(-1)?.has(key)) return JSON.stringify(key).slice(0, 80);
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}
