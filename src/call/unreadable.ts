/** Stands in a workflow for an argument that could not be decoded. It survives JSON. */
export interface Unreadable {
  readonly unreadablePayload: { readonly encoding: string };
}

/** @param encoding As the payload names it; anybody may have written it, so only plain characters are kept. */
export function unreadable(encoding: string): Unreadable {
  return { unreadablePayload: { encoding: encoding.replace(/[^\w./-]/g, '?').slice(0, 64) } };
}

export function isUnreadable(value: unknown): value is Unreadable {
  return typeof value === 'object' && value !== null && 'unreadablePayload' in value;
}
