/**
 * The types that programs see: inputs, results, events and what queries and updates return. Each by name, because
 * `export type *` also declares the values of a module.
 */
export type {
  AttemptReport,
  CallEvent,
  CallResult,
  CallView,
  Cancellation,
  Flag,
  LearnedBy,
  PlacedBy,
  Reschedule,
  Resolution,
  Stop,
} from './api-types';
export type { CallRecord, CallStatus, CutTranscript } from './call-record';
export type {
  AttemptOfContact,
  ContactView,
  DialOfContact,
  OpenDialOfContact,
  OptOutView,
  WaitingRunOfContact,
} from './contact/contact-view';
export type {
  CallBody,
  CallWindow,
  CompletionMode,
  InputProblem,
  OutboundCallInput,
} from './input';
export type { Outcome, RedialOutcome } from './outcome';
export type { Phase, UpdateName } from './phase';
export type { FailureType } from './placement';
