import { z } from 'zod';

// The field names of Truedy's guide, then those of its agent platform.
const turn = z.union([
  z.object({ role: z.string(), text: z.string() }).transform(({ role, text }) => [role, text]),
  z
    .object({ role: z.string(), content: z.string() })
    .transform(({ role, content }) => [role, content]),
  z
    .object({ speaker: z.string(), text: z.string() })
    .transform(({ speaker, text }) => [speaker, text]),
]);

/**
 * The transcript as lines of text. Truedy does not specify its form, so unknown forms are printed as JSON.
 *
 * Control characters are replaced by spaces: the text comes from others and goes to a terminal.
 */
export function transcriptLines(transcript: unknown): readonly string[] {
  if (transcript === null || transcript === undefined) return ['  (no transcript)'];
  if (typeof transcript === 'string') return transcript.split('\n').map(lineOf);
  if (!Array.isArray(transcript)) return [lineOf(JSON.stringify(transcript))];
  return transcript.map((item: unknown) => {
    const { data } = turn.safeParse(item);
    return lineOf(data === undefined ? JSON.stringify(item) : data.join(': '));
  });
}

// --- internal ---

function lineOf(text: string): string {
  return `  ${text.replace(/\p{Cc}+/gu, ' ').trimEnd()}`;
}
