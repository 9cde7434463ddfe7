import { z } from 'zod';

// The guide's spelling, then that of the agent's own platform.
const turn = z.union([
  z.object({ role: z.string(), text: z.string() }).transform(({ role, text }) => [role, text]),
  z
    .object({ role: z.string(), content: z.string() })
    .transform((said) => [said.role, said.content]),
  z
    .object({ speaker: z.string(), text: z.string() })
    .transform((said) => [said.speaker, said.text]),
]);

/**
 * What was said, a line each. The vendor fixes no shape, so whatever is not understood is told as JSON.
 *
 * It is somebody else's text on its way to a terminal: what would steer that is left out.
 */
export function transcriptLines(transcript: unknown): readonly string[] {
  if (transcript === null || transcript === undefined) return ['  (no transcript)'];
  if (typeof transcript === 'string') return transcript.split('\n').map(lineOf);
  if (!Array.isArray(transcript)) return [lineOf(JSON.stringify(transcript))];
  return transcript.map((said: unknown) => {
    const { data } = turn.safeParse(said);
    return lineOf(data === undefined ? JSON.stringify(said) : data.join(': '));
  });
}

// --- internal ---

function lineOf(text: string): string {
  return `  ${text.replace(/\p{Cc}+/gu, ' ').trimEnd()}`;
}
