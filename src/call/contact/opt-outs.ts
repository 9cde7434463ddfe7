import { cutToBytes } from '../text/characters';
import { maskForeignNumbers } from '../text/masking';
import type { Contact, OptOut } from './contact';

export function isOptedOut({ optOuts }: Contact): boolean {
  return optOuts.some(({ endedMs }) => endedMs === undefined);
}

export function optOut(contact: Contact, reason: string | undefined, nowMs: number): Contact {
  if (isOptedOut(contact)) return contact;
  const added = toStored({ atMs: nowMs, ...(reason !== undefined && { reason }) });
  return { ...contact, optOuts: [...contact.optOuts, added] };
}

export function optIn(contact: Contact, reason: string | undefined, nowMs: number): Contact {
  if (!isOptedOut(contact)) return contact;
  const end = { endedMs: nowMs, ...(reason !== undefined && { endReason: reason }) };
  const optOuts = contact.optOuts.map((one) =>
    one.endedMs === undefined ? toStored({ ...one, ...end }) : one,
  );
  return { ...contact, optOuts };
}

/**
 * Adds the opt-outs that are missing. What is known stays as it is, so that this never allows a call.
 *
 * Opt-outs are the same if their times are. One that was ended in the millisecond of the next one has the same time: as
 * many are added as are missing.
 */
export function restoreOptOuts(contact: Contact, restored: readonly OptOut[]): Contact {
  const unmatched = contact.optOuts.map(({ atMs }) => atMs);
  const missing = restored.filter(({ atMs }) => {
    const at = unmatched.indexOf(atMs);
    if (at >= 0) unmatched.splice(at, 1);
    return at < 0;
  });
  if (missing.length === 0) return contact;
  const all = [...contact.optOuts, ...missing.map(toStored)];
  const optOuts = all.sort((one, other) => one.atMs - other.atMs);
  return { ...contact, optOuts };
}

// --- internal ---

const MAX_REASON_BYTES = 1_000;

function toStored({ atMs, reason, endedMs, endReason }: OptOut): OptOut {
  return {
    atMs,
    ...(reason !== undefined && { reason: storedReason(reason) }),
    ...(endedMs !== undefined && { endedMs }),
    ...(endReason !== undefined && { endReason: storedReason(endReason) }),
  };
}

/** The state contains no phone number, whatever a reason contains. */
function storedReason(text: string): string {
  return cutToBytes(maskForeignNumbers(text), MAX_REASON_BYTES);
}
