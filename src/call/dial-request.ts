import type { CallBody, CallWindow } from './input';

/** The variable we add. Truedy echoes it, which ties reads, listings and deliveries to an attempt. */
export const REFERENCE_VARIABLE = 'temporal_ref';

/** Identifies an attempt across all namespaces. */
export interface Reference {
  readonly namespace: string;
  readonly workflowId: string;
  readonly attempt: number;
}

/** `<namespace>/<workflowId>#<attempt>`. Derived, so that a reset or replayed run computes the same reference. */
export function toReference({ namespace, workflowId, attempt }: Reference): string {
  return `${namespace}/${workflowId}#${attempt}`;
}

// A namespace contains no slash. An attempt is 1 to 20 (`redial.maxAttempts`). Control characters could
// make one reference look like another in a log.
const REFERENCE =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,254})\/([^\u0000-\u001f\u007f]{1,1000})#([1-9]|1[0-9]|20)$/;

/** Parses a reference. `undefined` if the text is not one. */
export function readReference(text: string): Reference | undefined {
  const [, namespace, workflowId, attempt] = REFERENCE.exec(text) ?? [];
  if (namespace === undefined || workflowId === undefined) return undefined;
  return { namespace, workflowId, attempt: Number(attempt) };
}

/** The complete request that places a call. It is stored in history before a byte of it is sent. */
export interface FrozenRequest {
  readonly reference: string;
  readonly attempt: number;
  readonly phoneNumber: string;
  readonly idempotencyKey: string;
  /** In the order in which they are sent. The API key is not included: it is added at the send. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The exact bytes, in UTF-8. */
  readonly body: string;
  /** The run that created the request. No other run may send it. */
  readonly runId: string;
  /** Differs from `runId` if the run is a reset of an earlier one. */
  readonly firstRunId: string;
}

/** Checked again immediately before the send, because the request may have waited in a task queue. */
export interface DialConditions {
  readonly attempt: number;
  readonly window?: CallWindow;
  readonly notBeforeMs?: number;
  readonly expiresAtMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeScale: number;
  /** Set if the person's contact workflow is asked. */
  readonly contact?: {
    /** The number of the question, unique in the run and those it continues. */
    readonly ask: number;
    /** How long the attempt can be unfinished at most. */
    readonly leaseMs: number;
  };
}

/** Builds the request of one attempt. `call` is sent unchanged, with the reference added as the last variable. */
export function freeze(
  call: CallBody,
  of: Reference & { readonly runId: string; readonly firstRunId: string },
  idempotencyKey: string,
): FrozenRequest {
  const reference = toReference(of);
  return {
    reference,
    attempt: of.attempt,
    phoneNumber: call.phone_number,
    idempotencyKey,
    // Truedy hashes a request with its headers, so the list is fixed and complete.
    headers: [
      ['accept', 'application/json'],
      ['accept-encoding', 'identity'],
      ['content-type', 'application/json'],
      ['user-agent', 'temporal-truedy'],
      ['x-idempotency-key', idempotencyKey],
    ],
    body: JSON.stringify({
      ...call,
      variables: { ...call.variables, [REFERENCE_VARIABLE]: reference },
    }),
    runId: of.runId,
    firstRunId: of.firstRunId,
  };
}
