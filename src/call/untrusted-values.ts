/** Whether a value from outside is an object with fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a value from outside; none if it is not an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/** Replaces an argument that could not be decoded. It survives JSON. */
export interface Unreadable {
  readonly unreadablePayload: { readonly encoding: string };
}

/** @param encoding As the payload names it. Its sender is not trusted, so only plain characters are kept. */
export function unreadable(encoding: string): Unreadable {
  return { unreadablePayload: { encoding: encoding.replace(/[^\w./-]/g, '?').slice(0, 64) } };
}

export function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === 'object' && value !== null && 'unreadablePayload' in value;
}
