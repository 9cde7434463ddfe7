import { MIMEType } from 'node:util';

/** Charsets in which JSON is the same bytes as in UTF-8, by the names in use. */
const UTF8_NAMES: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Whether a `Content-Type` means JSON in UTF-8. RFC 8259 §11 gives JSON no parameters, so they change
 * nothing, except a charset that names other bytes than UTF-8.
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

/** Whether a `Content-Encoding` leaves the body as it is. Its words have no case (RFC 9110 §8.4.1). */
export function isIdentity(contentEncoding: string | undefined): boolean {
  return contentEncoding === undefined || contentEncoding.trim().toLowerCase() === 'identity';
}
