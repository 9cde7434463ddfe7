/** Why the bridge refused a request or a connection before it had a delivery to verify. */
export const HTTP_REFUSAL_REASONS = [
  'malformed',
  'not_found',
  'method',
  'timeout',
  'headers_too_large',
  'expectation',
  'pipelined',
  'disconnected',
  'too_many_connections',
  'unanswered',
] as const;

/** A refused request or connection, as it is logged. */
export interface HttpRefusal {
  readonly reason: (typeof HTTP_REFUSAL_REASONS)[number];
  /** The address of the peer. Behind a proxy, this is the proxy's address. */
  readonly source: string;
  /** Absent if the connection was closed without a response. */
  readonly status?: number;
  /** The name of the invalid header or a code of the parser, never the content that was sent. */
  readonly detail?: string;
}
