import { z } from 'zod';
import { createJsonReader, type ReadOptions } from './get-json';
import { apiDescription, type ApiDescription } from './openapi-drift';

/** The fields of an agent that decide whether it can call. */
export interface TruedyAgent {
  readonly id: string;
  /** Only an `active` agent can call. */
  readonly status: string | null;
  /** `null` if Truedy does not return them. */
  readonly outboundNumbers: readonly string[] | null;
}

/** Reads an account to check it. None of the methods places a call. */
export interface TruedyAccount {
  /** Reads one page of the agents. @throws TruedyError */
  listAgents(page: {
    readonly limit: number;
    readonly offset: number;
  }): Promise<readonly TruedyAgent[]>;
  /** Reads Truedy's OpenAPI document. @throws TruedyError */
  readDescription(): Promise<ApiDescription>;
}

export function createTruedyAccount(options: ReadOptions): TruedyAccount {
  const get = createJsonReader(options);
  return {
    listAgents: ({ limit, offset }) => get(`/agents?limit=${limit}&offset=${offset}`, agentsAnswer),
    readDescription: () => get('/openapi.json', apiDescription),
  };
}

// --- internal ---

const number = z.union([
  z.string(),
  z.object({ phone_number: z.string() }).transform(({ phone_number }) => phone_number),
]);

const agent = z
  .object({
    id: z.string().min(1),
    status: z.string().nullable().catch(null).default(null),
    outbound_phone_numbers: z.array(number).nullable().catch(null).default(null),
  })
  .transform(({ id, status, outbound_phone_numbers: outboundNumbers }): TruedyAgent => ({
    id,
    status,
    outboundNumbers,
  }));

const agentsAnswer = z.union([
  z.array(agent),
  z.object({ data: z.array(agent) }).transform(({ data }) => data),
]);
