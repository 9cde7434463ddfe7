import { cutToBytes } from './characters';
import { maskForeignNumbers, maskNumbers } from './masking';

/** Untrusted text on one line of Markdown: numbers masked, cut to `maxBytes`, then escaped. */
export function foreignText(text: string, maxBytes: number): string {
  return escapeMarkdown(cutToBytes(maskForeignNumbers(text), maxBytes));
}

/**
 * Escapes untrusted text for one line of Markdown. The Temporal UI renders raw HTML, bare URLs, formulas and lists.
 *
 * An underscore inside a word and a colon between digits are not markup, and are kept: they are common in our
 * names and times.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(
      /[\\<>`*[\]|#~&$^{}]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|(?<!\d):|:(?!\d)|(?<=www)\.|^ ?[-+]|(?<=^ ?\d+)[.)]/gi,
      (mark) => mark.replace(/\S/, '\\$&'),
    );
}

/** Untrusted text as a code span. Removes whitespace and backticks, which would end the span. */
export function codeSpan(text: string): string {
  const shown = cutToBytes(maskNumbers(text).replace(/[`<>\\\s]+/g, ''), 80);
  return `\`${shown === '' ? '?' : shown}\``;
}
