import { isReasonable } from '../../../truedy/delivery';
import type { Broken } from './broken';

/** Why a signed body is no use. What the parser says is not repeated: it quotes the body. */
export function brokenBody(rawBody: Uint8Array): Broken {
  const text = decoded(rawBody);
  if (text === undefined) return { rule: 'not_utf8', problem: 'its body is not UTF-8' };
  const parsed = parse(text);
  if (parsed === undefined) {
    const start = text.startsWith('\ufeff') ? ': it begins with a byte order mark' : '';
    return { rule: 'not_json', problem: `its body is not one JSON document${start}` };
  }
  if (!isReasonable(text)) {
    return {
      rule: 'unreasonable',
      problem: 'its body is over 32 levels deep, has over 100,000 keys, or names a key twice',
    };
  }
  return { rule: 'shape', problem: misshapen(parsed.value) };
}

// --- internal ---

function decoded(rawBody: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(rawBody);
  } catch {
    return undefined;
  }
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function misshapen(value: unknown): string {
  if (!isObject(value)) return 'its body is no JSON object';
  if (typeof value['event'] !== 'string' || value['event'] === '') return 'it has no event';
  if (!isObject(value['data'])) return 'it has no data object';
  return 'it names no call, by an id of A-Z a-z 0-9 _ - or by our reference; or it holds half a sign, or a key such as __proto__';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
