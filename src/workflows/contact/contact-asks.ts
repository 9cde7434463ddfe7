/** The questions of a run to the contact workflow of the person it calls. */
export class ContactAsks {
  #count: number;
  #isOpen: boolean;
  #isFree = false;
  #hasReportedOptOut = false;

  /** @param count The questions of the previous run, if this run continues one. */
  constructor(count = 0) {
    this.#count = count;
    this.#isOpen = count > 0;
  }

  /** Counts a question, which may reserve the dial. @returns Its number, unique in all continued runs. */
  next(): number {
    this.#count += 1;
    this.#isOpen = true;
    this.#isFree = false;
    return this.#count;
  }

  /** Whether another call to the person has ended since the last question. */
  get isFree(): boolean {
    return this.#isFree;
  }

  markFree(): void {
    this.#isFree = true;
  }

  /** @returns Whether the contact does not know yet that the current attempt has ended. */
  close(): boolean {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    return wasOpen;
  }

  /** @returns Whether the contact does not know yet that the person opted out on a call of this run. */
  reportOptOut(): boolean {
    const isNew = !this.#hasReportedOptOut;
    this.#hasReportedOptOut = true;
    return isNew;
  }

  /** For the next run. Empty without questions, so that histories without contact limits do not change. */
  toCarried(): { readonly contactAsks?: number } {
    return this.#count > 0 ? { contactAsks: this.#count } : {};
  }
}
