import { maskForeignNumbers } from '../../call/text/masking';
import { HEADER_FAMILIES } from '../../truedy/signature';

/** Headers in their order and spelling, as they came: a name may stand there twice. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** One delivery as it came, byte by byte. */
export interface RawDelivery {
  readonly headers: HeaderList;
  readonly body: Uint8Array;
  /** ISO 8601; absent where nobody wrote down when it came. */
  readonly receivedAt?: string;
}

/** One header as the bridge reads it: several of a name are one text. */
export function readHeader(headers: HeaderList, name: string): string | undefined {
  const values = valuesOf(headers, name);
  return values.length === 0 ? undefined : values.join(', ');
}

export function valuesOf(headers: HeaderList, name: string): readonly string[] {
  const isNamed = ([one]: readonly [string, string]) => one.toLowerCase() === name.toLowerCase();
  return headers.filter(isNamed).map(([, value]) => value.trim());
}

/** What of the headers belongs to the delivery and not to the connection it came by. */
export function ownHeaders(headers: HeaderList): HeaderList {
  return headers.filter(([name]) => {
    const folded = name.toLowerCase();
    return folded === 'content-type' || folded === 'content-encoding' || isClaim(folded);
  });
}

/** Whether a header, in lower case, is timestamp or signature. */
export function isClaim(name: string): boolean {
  return HEADER_FAMILIES.some(
    ({ timestamp, signature }) => name === timestamp || name === signature,
  );
}

/** A secret as it may be shown: by its last four characters. */
export function secretName(secret: string): string {
  return `…${secret.slice(-4)}`;
}

/** What the sender wrote, without a number in clear and without a sign that moves a terminal. */
export function shown(text: string | null | undefined): string | null {
  return text == null
    ? null
    : maskForeignNumbers(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·'));
}
