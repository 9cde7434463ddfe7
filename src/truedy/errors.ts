import { errors } from 'undici';

/** A request to Truedy came to nothing. Messages hold the request, never a number, a body or a key. */
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

/** The API, or something in front of it, answered, and not with 2xx. */
export class TruedyResponseError extends TruedyError {
  override readonly name = 'TruedyResponseError';
  /** The vendor's code, lower case; absent when the body had none of its shapes: a proxy may have spoken. */
  readonly code: string | undefined;
  /** The vendor's reference for its support. */
  readonly requestId: string | undefined;
  /** When a 429 allows the next request, in milliseconds since 1970; 1 s to 24 h ahead. */
  readonly retryAtMs: number | undefined;
  /** Whether a 404 speaks of a *call*: the agent was found, and a phone may have rung. */
  readonly namesCall: boolean;

  constructor(
    request: string,
    readonly status: number,
    told: {
      readonly code?: string | undefined;
      readonly requestId?: string | undefined;
      readonly retryAtMs?: number | undefined;
      readonly namesCall?: boolean;
    } = {},
  ) {
    super(request, `answered ${status}${told.code === undefined ? '' : ` ${told.code}`}`);
    this.code = told.code;
    this.requestId = told.requestId;
    this.retryAtMs = told.retryAtMs;
    this.namesCall = told.namesCall ?? false;
  }
}

/** No whole answer came. */
export class TruedyNetworkError extends TruedyError {
  override readonly name = 'TruedyNetworkError';

  constructor(
    request: string,
    problem: string,
    /** `false` proves that not one byte of the request left: no name, no connection, no TLS. */
    readonly mayBeSent: boolean,
    options?: ErrorOptions,
  ) {
    super(request, problem, options);
  }

  /** The answer is longer than is read: the same may be asked for in smaller parts. */
  get isTooLong(): boolean {
    return this.cause instanceof errors.ResponseExceededMaxSizeError;
  }
}

/** The API answered 2xx with a body of a wrong shape: the request itself may have worked. */
export class TruedyContractError extends TruedyError {
  override readonly name = 'TruedyContractError';
}

/** Our own side called the request off just before it was sent: no byte of it left. */
export class TruedyNotSentError extends TruedyError {
  override readonly name = 'TruedyNotSentError';
}
