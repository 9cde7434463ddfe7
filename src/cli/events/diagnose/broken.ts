/** What a delivery can break, in the order it is looked at. Public: scripts read them. */
export const RULES = [
  'too_large',
  'content_encoding',
  'content_type',
  'header_doubled',
  'header_spelling',
  'header_missing',
  'timestamp_form',
  'stale',
  'future',
  'signature_form',
  'body_reformatted',
  'wrong_secret',
  'not_utf8',
  'not_json',
  'unreasonable',
  'shape',
] as const;
export type Rule = (typeof RULES)[number];

/** The first rule a delivery breaks. The words repeat nothing of its body. */
export interface Broken {
  readonly rule: Rule;
  readonly problem: string;
}
