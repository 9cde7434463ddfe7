import type { Outcome } from '../../call/outcome';

/** The exit codes of the command line. They are public: scripts branch on them. */
export const EXIT = {
  done: 0,
  bug: 1,
  usage: 2,
  settings: 3,
  unreachable: 4,
  refused: 5,
  ended: 6,
  unknown: 7,
  notDialed: 8,
  rowsFailed: 9,
  timedOut: 124,
  interrupted: 130,
} as const;

export function exitCodeFor(outcome: Outcome): number {
  switch (outcome) {
    case 'answered':
      return EXIT.done;
    case 'unknown':
      return EXIT.unknown;
    case 'expired':
    case 'suppressed':
      return EXIT.notDialed;
    case 'voicemail':
    case 'no_answer':
    case 'busy':
    case 'declined':
    case 'invalid_number':
    case 'unreachable':
    case 'cancelled':
    case 'failed':
      return EXIT.ended;
  }
}
