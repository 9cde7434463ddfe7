import { errors } from 'undici';

/** A failed request to Truedy. Messages contain the request, but never a number, a body or a key. */
export abstract class TruedyError extends Error {
  constructor(
    /** Method and path with ids only, such as `GET /calls/call_01h`. */
    readonly request: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${request} ${problem}`, options);
  }
}

/** The API, or a proxy before it, answered with a status other than 2xx. */
export class TruedyResponseError extends TruedyError {
  override readonly name = 'TruedyResponseError';
  /** Truedy's error code in lower case; absent if the body has no known format, as that of a proxy. */
  readonly code: string | undefined;
  /** The id of the request, for Truedy's support. */
  readonly requestId: string | undefined;
  /** When a 429 allows the next request, in milliseconds since 1970; 1 s to 24 h ahead. */
  readonly retryAtMs: number | undefined;
  /** Whether a 404 is about a *call*: then the agent was found, and a phone may have rung. */
  readonly namesCall: boolean;

  constructor(
    request: string,
    readonly status: number,
    details: {
      readonly code?: string | undefined;
      readonly requestId?: string | undefined;
      readonly retryAtMs?: number | undefined;
      readonly namesCall?: boolean;
    } = {},
  ) {
    super(request, `answered ${status}${details.code === undefined ? '' : ` ${details.code}`}`);
    this.code = details.code;
    this.requestId = details.requestId;
    this.retryAtMs = details.retryAtMs;
    this.namesCall = details.namesCall ?? false;
  }
}

/** No complete answer was received. */
export class TruedyNetworkError extends TruedyError {
  override readonly name = 'TruedyNetworkError';

  constructor(
    request: string,
    problem: string,
    /** `false` proves that no byte of the request was sent: DNS, the connection or TLS failed. */
    readonly mayBeSent: boolean,
    options?: ErrorOptions,
  ) {
    super(request, problem, options);
  }

  /** The answer is over the size limit. A listing can be read in smaller pages. */
  get isTooLong(): boolean {
    return this.cause instanceof errors.ResponseExceededMaxSizeError;
  }
}

/** The API answered 2xx with an unexpected body. The request itself may have succeeded. */
export class TruedyContractError extends TruedyError {
  override readonly name = 'TruedyContractError';
}

/** We canceled the request just before it was sent. No byte of it was sent. */
export class TruedyNotSentError extends TruedyError {
  override readonly name = 'TruedyNotSentError';
}
