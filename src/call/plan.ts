import { durationMs, scaledMs } from './text/duration';
import type { CallBody, CallWindow, CompletionMode, OutboundCallInput } from './input';
import type { RedialOutcome } from './outcome';

/** Settings of the worker. Workflow code reads them from history. */
export interface WorkerFacts {
  /** The task queue for all requests to Truedy. */
  readonly apiTaskQueue: string;
  /** Whether the namespace has our six search attributes. An upsert of an unknown one would block the run forever. */
  readonly searchAttributes: boolean;
  /** Divides every wait. Always 1 in production. */
  readonly timeScale: number;
  /** Set if every dial asks the person's contact workflow. Absent otherwise, as in older histories. */
  readonly contacts?: true;
  /** Truedy's words for the outcome of a call that mean an opt-out, normalized. Absent in older histories. */
  readonly optOutOutcomes?: readonly string[];
}

/** The input with defaults applied, in milliseconds. The only source of settings after the input was checked. */
export interface CallPlan extends WorkerFacts {
  /** Unchanged, as each request sends it. */
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
  /** One key for each attempt: the first 32 hex digits of the SHA-256 of its reference. */
  readonly idempotencyKeys: readonly string[];
  /** Compared with the digest in a delivery, which contains no number. Absent in older histories. */
  readonly numberDigest?: string;
}

/**
 * The plan for a valid input. Durations are divided by the time scale, instants are not.
 *
 * @param derived `keys`: one idempotency key for each attempt that the input allows.
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
