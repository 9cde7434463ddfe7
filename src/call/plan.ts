import { durationMs, scaledMs } from './text/duration';
import type { CallBody, CallWindow, CompletionMode, OutboundCallInput } from './input';
import type { RedialOutcome } from './outcome';

/** What only the worker knows, and workflow code therefore reads from history. */
export interface WorkerFacts {
  /** The task queue of every request to Truedy. */
  readonly apiTaskQueue: string;
  /** Whether the namespace has our six search attributes: an upsert of an unknown one blocks a run for ever. */
  readonly searchAttributes: boolean;
  /** By how much our waits are shortened; 1 in earnest. */
  readonly timeScale: number;
}

/** The input with its defaults filled in, in milliseconds: the only source of settings after the first task. */
export interface CallPlan extends WorkerFacts {
  /** Unchanged: what is frozen into each request. */
  readonly call: CallBody;
  readonly completion: {
    readonly mode: CompletionMode;
    readonly graceMs: number;
    readonly pollEveryMs: number;
    readonly artifactsMs: number;
  };
  readonly redial: {
    readonly maxAttempts: number;
    readonly afterMs: Readonly<Partial<Record<RedialOutcome, readonly number[]>>>;
  };
  readonly window?: CallWindow;
  readonly notBeforeMs?: number;
  readonly expiresAtMs?: number;
  readonly settleMs: number;
  readonly joinTimeoutMs: number;
  readonly maxDurationMs: number;
  readonly labels: Readonly<Record<string, string>>;
  /** One for each attempt: the first 32 hex digits of the SHA-256 of its reference. */
  readonly idempotencyKeys: readonly string[];
  /** What a delivery is compared with, which carries no number; absent in older histories. */
  readonly numberDigest?: string;
}

/**
 * The plan of a *valid* input. Waits of ours are divided by the time scale; instants are not.
 *
 * @param derived `keys`: the idempotency keys, as many as the input allows attempts.
 */
export function toPlan(
  input: OutboundCallInput,
  facts: WorkerFacts,
  derived: { readonly keys: readonly string[]; readonly numberDigest?: string },
): CallPlan {
  const { completion, redial, call } = input;
  const scaled = (text: string) => scaledMs(durationMs(text) ?? 0, facts.timeScale);
  return {
    ...facts,
    call,
    completion: {
      mode: completion?.mode ?? 'webhook',
      graceMs: scaled(completion?.grace ?? '5m'),
      pollEveryMs: scaled(completion?.pollEvery ?? '30s'),
      artifactsMs: scaled(completion?.artifacts ?? '0s'),
    },
    redial: {
      maxAttempts: redial?.maxAttempts ?? 1,
      afterMs: Object.fromEntries(
        Object.entries(redial?.after ?? {}).map(([outcome, delays]) => [
          outcome,
          delays.map(scaled),
        ]),
      ),
    },
    ...(input.window && { window: input.window }),
    ...(input.notBefore !== undefined && { notBeforeMs: Date.parse(input.notBefore) }),
    ...(input.expiresAt !== undefined && { expiresAtMs: Date.parse(input.expiresAt) }),
    settleMs: scaled(input.placement?.settle ?? '330s'),
    joinTimeoutMs: scaled(call.call_settings?.join_timeout ?? '30s'),
    maxDurationMs: scaled(call.call_settings?.max_duration ?? '3600s'),
    labels: input.labels ?? {},
    idempotencyKeys: derived.keys,
    ...(derived.numberDigest !== undefined && { numberDigest: derived.numberDigest }),
  };
}
