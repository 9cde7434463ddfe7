import { z } from 'zod';
import { parseJson } from '../../../runtime/text-file';
import { agentRefusal, OUTBOUND_NUMBER } from './list-agents';
import { errorAnswer, type Answer } from './responses';
import type { SimulatedRequest } from '../phones/calls';

const E164 = /^\+[1-9]\d{1,14}$/;
const bodySchema = z.object({
  agent_id: z.string().min(1),
  phone_number: z.string(),
  from_number: z.string().regex(E164).nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  call_settings: z
    .object({
      recording_enabled: z.boolean(),
      transcription_enabled: z.boolean(),
      greeting: z.string(),
      max_duration: z.string().regex(/^\d+s$/),
      join_timeout: z.string().regex(/^\d+s$/),
    })
    .partial()
    .nullish(),
});

/** Parses a body to a request or a refusal. Ignores unknown fields, as Truedy does. */
export function readCallRequest(
  text: string,
  nowMs: number,
): { readonly request: SimulatedRequest } | { readonly refusal: Answer } {
  const json = parseJson(text);
  if (json === undefined) {
    return { refusal: errorAnswer(400, { message: 'The body is not JSON.' }, nowMs) };
  }
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const details = { field: issue?.path.join('.') ?? '', reason: issue?.message ?? '' };
    return { refusal: errorAnswer(422, { details }, nowMs) };
  }
  const { agent_id, phone_number, from_number, variables } = parsed.data;
  if (!E164.test(phone_number)) {
    return { refusal: errorAnswer(422, { code: 'invalid_phone_number' }, nowMs) };
  }
  const refusal = agentRefusal(agent_id, nowMs);
  if (refusal !== undefined) return { refusal };
  return {
    request: {
      agentId: agent_id,
      phoneNumber: phone_number,
      fromNumber: from_number ?? OUTBOUND_NUMBER,
      variables: variables ?? {},
      reference: referenceIn(text),
    },
  };
}

const referenceSchema = z.object({ variables: z.object({ temporal_ref: z.string() }) });

/** The caller's reference, by which tests find their requests. Truedy gives it no meaning. */
export function referenceIn(text: string): string | null {
  const parsed = referenceSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data.variables.temporal_ref : null;
}
