import { MIMEType } from 'node:util';

/** Names of the charsets in which JSON has the same bytes as in UTF-8. */
const UTF8_NAMES: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Whether a `Content-Type` means JSON in UTF-8. RFC 8259 §11 defines no parameters for JSON, so all are ignored
 * except a charset other than UTF-8.
 */
export function isJson(contentType: string): boolean {
  try {
    const { essence, params } = new MIMEType(contentType);
    const charset = params.get('charset') ?? 'utf-8';
    return essence === 'application/json' && UTF8_NAMES.has(charset.toLowerCase());
  } catch {
    return false;
  }
}

/** Whether a `Content-Encoding` leaves the body unchanged. Codings are case-insensitive (RFC 9110 §8.4.1). */
export function isIdentity(contentEncoding: string | undefined): boolean {
  return contentEncoding === undefined || contentEncoding.trim().toLowerCase() === 'identity';
}
