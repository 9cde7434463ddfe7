let passedMs = 0;

/**
 * The time of the run, in milliseconds since 1970; never before an instant that a timer has shown to have passed.
 *
 * Core hands the time of the task before to a task whose run is in no cache and for which a query waits (seen with SDK
 * 1.24, when a worker stopped as a timer fired). A run that then takes the instant of its timer for the future decides
 * otherwise in every replay, and is stuck.
 */
export function currentMs(): number {
  return Math.max(Date.now(), passedMs);
}

/** A timer has shown that this instant has passed. */
export function hasPassed(atMs: number): void {
  passedMs = Math.max(passedMs, atMs);
}
