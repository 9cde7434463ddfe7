import { MAX_AGE_SECONDS, MAX_AHEAD_SECONDS, readClaim, sentMsOf } from '../../../truedy/signature';
import type { Unread } from '../../../webhook/body';
import { isIdentity } from '../../../webhook/media-type';
import type { Fate } from '../../../webhook/receive';
import { brokenBody } from './body';
import type { Broken } from './broken';
import { brokenHeader } from './header';
import { brokenSignature } from './signature';
import { readHeader, type HeaderList } from '../delivery';

/** Says of a refused delivery which rule it breaks; `undefined` where the delivery is not at fault. */
export function brokenRule(delivery: {
  readonly headers: HeaderList;
  readonly body: Uint8Array | Unread;
  readonly secrets: readonly string[];
  readonly nowMs: number;
  readonly fate: Fate;
}): Broken | undefined {
  const { headers, body, secrets, nowMs, fate } = delivery;
  switch (fate) {
    case 'too_large':
      return { rule: 'too_large', problem: 'its body is over 1 MiB' };
    case 'wrong_type':
      return brokenType(headers);
    case 'unsigned':
    case 'stale':
    case 'forged': {
      const claim = readClaim((name) => readHeader(headers, name));
      const broken = brokenHeader(headers, claim);
      if (broken !== undefined || claim === undefined) return broken;
      if (fate === 'stale') return brokenTime(claim.timestamp, nowMs);
      return typeof body === 'string' ? undefined : brokenSignature(claim, body, secrets);
    }
    case 'unusable':
      return typeof body === 'string' ? undefined : brokenBody(body);
    case 'taken':
    case 'unused':
    case 'unmatched':
    case 'finished':
    case 'refused':
    case 'overloaded':
    case 'temporal_away':
      return undefined;
  }
}

// --- internal ---

function brokenType(headers: HeaderList): Broken {
  if (!isIdentity(readHeader(headers, 'content-encoding'))) {
    return { rule: 'content_encoding', problem: 'its body is compressed (Content-Encoding)' };
  }
  const isMissing = readHeader(headers, 'content-type') === undefined;
  const problem = isMissing ? 'there is no Content-Type' : 'its Content-Type is another one';
  return { rule: 'content_type', problem: `${problem}; only application/json in UTF-8 is taken` };
}

function brokenTime(timestamp: string, nowMs: number): Broken {
  const sentMs = sentMsOf(timestamp);
  if (Number.isNaN(sentMs)) {
    const hint = /^\d{13}$/.test(timestamp) ? 'is in milliseconds' : 'is of neither form';
    return {
      rule: 'timestamp_form',
      problem: `its timestamp ${hint}; it has to be 10 digits of Unix seconds or a full ISO 8601 instant`,
    };
  }
  const ageSeconds = Math.round((nowMs - sentMs) / 1000);
  if (ageSeconds < 0) {
    return {
      rule: 'future',
      problem: `its timestamp is ${-ageSeconds} s in the future, over the ${MAX_AHEAD_SECONDS} s that are allowed`,
    };
  }
  return {
    rule: 'stale',
    problem: `its timestamp is ${ageSeconds} s old, over the ${MAX_AGE_SECONDS} s that are allowed`,
  };
}
