/** Why the bridge refused a request or a connection before there was a delivery to judge. */
export const REFUSALS = [
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

export interface Refusal {
  readonly reason: (typeof REFUSALS)[number];
  /** The address of the peer, which is the proxy's where there is one. */
  readonly source: string;
  /** Absent where the connection was closed without an answer. */
  readonly status?: number;
  /** What exactly was wrong: a header's name or a code of the parser, never what was sent. */
  readonly detail?: string;
}
