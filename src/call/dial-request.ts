import type { CallBody, CallWindow } from './input';

/** The one variable that is ours: the vendor echoes it, and so ties reads, listings and deliveries to an attempt. */
export const REFERENCE_VARIABLE = 'temporal_ref';

/** Which attempt of which conversation, in which namespace. */
export interface Reference {
  readonly namespace: string;
  readonly workflowId: string;
  readonly attempt: number;
}

/** `<namespace>/<workflowId>#<attempt>`: derived, so that every life of a run arrives at the same one. */
export function toReference({ namespace, workflowId, attempt }: Reference): string {
  return `${namespace}/${workflowId}#${attempt}`;
}

// A namespace has no slash; an attempt is 1 to 20 (`redial.maxAttempts`). Control characters would
// make one reference look like another in a log.
const REFERENCE =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,254})\/([^\u0000-\u001f\u007f]{1,1000})#([1-9]|1[0-9]|20)$/;

/** The parts of a reference; `undefined` for whatever is none. */
export function readReference(text: string): Reference | undefined {
  const [, namespace, workflowId, attempt] = REFERENCE.exec(text) ?? [];
  if (namespace === undefined || workflowId === undefined) return undefined;
  return { namespace, workflowId, attempt: Number(attempt) };
}

/** One request that can make a phone ring, whole: in history before a byte of it is sent. */
export interface FrozenRequest {
  readonly reference: string;
  readonly attempt: number;
  readonly phoneNumber: string;
  readonly idempotencyKey: string;
  /** In the order sent. The key of the account is not among them: it is added when they are sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The exact bytes, in UTF-8. */
  readonly body: string;
  /** The run that froze it: another run sends nothing. */
  readonly runId: string;
  /** Differs from `runId` where the run is a reset of an earlier one. */
  readonly firstRunId: string;
}

/** What is asked once more just before the send, since a request may have waited in a queue. */
export interface DialConditions {
  readonly attempt: number;
  readonly window?: CallWindow;
  readonly notBeforeMs?: number;
  readonly expiresAtMs?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly timeScale: number;
}

/** The request of one attempt. `call` is taken as it is; only the reference is added, as the last variable. */
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
    // Every header enters the vendor's hash of a request, so the list is fixed and whole.
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

/** Why a run fails: faults that somebody must repair. Each is the `type` of an `ApplicationFailure`. */
export const FAILURE_TYPES = [
  'InvalidInput',
  'bad_request',
  'unauthorized',
  'forbidden',
  'insufficient_credits',
  'agent_not_found',
  'no_phone_number_configured',
  'invalid_phone_number',
  'agent_not_active',
  'validation_error',
  'payload_too_large',
  'rate_limited',
  'truedy_unreachable',
  'refused',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];

/** What became of one dispatch of `placeCall`. */
export type Placed =
  /** A call id came back. `failed`: the same answer says it failed, which is not believed before a later read. */
  | {
      readonly kind: 'placed';
      readonly callId: string;
      readonly saysFailed: boolean;
      readonly sentAtMs: number;
    }
  /** Proof that no phone rang, and that the same request would be refused again. */
  | {
      readonly kind: 'refused';
      readonly type: FailureType;
      readonly status: number;
      readonly requestId?: string;
    }
  /** Our own side will not have this dialled: it is over, and no byte was sent. */
  | {
      readonly kind: 'withheld';
      readonly outcome: 'expired' | 'suppressed';
      readonly reason: string;
    }
  /** Proof that no phone rang this time; the same bytes may go again. */
  | {
      readonly kind: 'deferred';
      readonly cause: DeferralCause;
      readonly reason: string;
      /** Not before this instant; absent: back off. */
      readonly untilMs?: number;
    }
  /** Nobody can say whether a phone rang. */
  | {
      readonly kind: 'unclear';
      readonly reason: string;
      /** No byte of it left later than this, in milliseconds since 1970. */
      readonly latestSendMs: number;
      /** Nor earlier than this; absent: at the same instant. */
      readonly earliestSendMs?: number;
    };

/** Who asked us to wait: the vendor's limit, the way to the vendor, or our own side's conditions. */
export type DeferralCause = 'rate_limited' | 'truedy_unreachable' | 'conditions';
