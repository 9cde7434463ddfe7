import { maskForeignNumbers } from '../../call/text/masking';
import { HEADER_FAMILIES } from '../../truedy/signature';

/** Headers in their original order and spelling. A name can occur more than once. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** One delivery exactly as it was received. */
export interface RawDelivery {
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** ISO 8601; absent if it was not recorded. */
  readonly receivedAt?: string;
}

/** One header as the bridge reads it: repeated values are joined. */
export function readHeader(headers: HeaderList, name: string): string | undefined {
  const values = valuesOf(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

export function valuesOf(headers: HeaderList, name: string): readonly string[] {
  const isNamed = ([one]: readonly [string, string]) => one.toLowerCase() === name.toLowerCase();
  return headers.filter(isNamed).map(([, value]) => value.trim());
}

/** The headers of the delivery itself, without those of its connection. */
export function ownHeaders(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => {
    const folded = name.toLowerCase();
    return folded === 'content-type' || folded === 'content-encoding' || isClaim(folded);
  });
}

/** Whether a lowercase header name is that of the timestamp or the signature. */
export function isClaim(name: string): boolean {
  return HEADER_FAMILIES.some(
    ({ timestamp, signature }) => name === timestamp || name === signature,
  );
}

/** The printable name of a secret: its last four characters. */
export function secretName(secret: string): string {
  return `…${secret.slice(-4)}`;
}

/** The sender's text with phone numbers masked and control characters replaced. */
export function shown(text: string | null | undefined): string | null {
  return text == null
    ? null
    : maskForeignNumbers(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·'));
}
