import type { ContactAsk } from './contact';
import type { Release } from './settle';

/** Longer than a question can be on its way: its request is sent within 30 s, and a late question reserves nothing. */
const REMEMBER_MS = 60_000;

/**
 * The attempts that ended a moment ago, and the questions whose requests were not sent.
 *
 * The server delivers a question even if its sender gave up, and it can do so after the report that the attempt has
 * ended. Without this memory, the reservation of such a question would last until its lease ends.
 */
export class EndedAttempts {
  readonly #ended = new Map<string, { readonly sendByMs: number; readonly untilMs: number }>();

  /** Without `sendByMs`, the attempt has ended. Otherwise it can ask again, with a later `sendByMs`. */
  add({ reference, sendByMs = Infinity }: Release, nowMs: number): void {
    for (const [name, { untilMs }] of this.#ended) {
      if (untilMs <= nowMs) this.#ended.delete(name);
    }
    const known = this.#ended.get(reference)?.sendByMs ?? 0;
    this.#ended.set(reference, {
      sendByMs: Math.max(known, sendByMs),
      untilMs: nowMs + REMEMBER_MS,
    });
  }

  /** Whether nothing is sent for this question any more. */
  has({ reference, sendByMs }: Pick<ContactAsk, 'reference' | 'sendByMs'>, nowMs: number): boolean {
    const ended = this.#ended.get(reference);
    return ended !== undefined && nowMs < ended.untilMs && sendByMs <= ended.sendByMs;
  }
}
