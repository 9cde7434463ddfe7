/**
 * A model of placing a call with one client, one attempt, one number, no clock, and a vendor that may behave as badly as
 * possible. The search tries every possible next step, so a state that it does not reach cannot happen.
 */

/** The state of one send of the request. `missed`: the vendor looked up its key and did not find it. */
type Send = 'wire' | 'missed' | 'inserted' | 'dialed' | 'stored' | 'gone';

export interface State {
  readonly sends: readonly Send[];
  readonly dials: number;
  /** Whether the vendor has stored an answer for our key. */
  readonly keyStored: boolean;
  readonly client: 'waits' | 'unclear' | 'done' | 'unknown';
}

/** How a client places a call, and which guarantees of the vendor it relies on. */
export interface Rules {
  /** Whether and when an unclear request is sent again. */
  readonly resend: 'never' | 'immediately' | 'settled' | 'absent-immediately' | 'absent-settled';
  /** The vendor stores the key together with the dial, and never crashes in between. */
  readonly keyHolds: boolean;
  /** A1: a request that is not visible after settling never becomes a dial. */
  readonly noLateDial: boolean;
  /** A2: a complete listing shows every row that was inserted before it. */
  readonly listingComplete: boolean;
}

const MAX_SENDS = 2;

const START: State = { sends: ['wire'], dials: 0, keyStored: false, client: 'waits' };

/** All possible next states. */
function next(state: State, rules: Rules): readonly State[] {
  return [...vendorSteps(state, rules), ...clientSteps(state, rules)];
}

function vendorSteps(state: State, rules: Rules): readonly State[] {
  return state.sends.flatMap((send, index): State[] => {
    const at = (moved: Send, more: Partial<State> = {}): State => ({
      ...state,
      ...more,
      sends: state.sends.map((other, place) => (place === index ? moved : other)),
    });
    switch (send) {
      case 'wire':
        // The request is lost, answered from the stored key, or continues towards a dial.
        return state.keyStored ? [at('gone'), at('stored')] : [at('gone'), at('missed')];
      case 'missed':
        return [at('gone'), at('inserted')];
      case 'inserted':
        return [at('gone'), at('dialed', { dials: state.dials + 1 })];
      case 'dialed':
        return rules.keyHolds
          ? [at('stored', { keyStored: true })]
          : [at('stored', { keyStored: true }), at('stored'), at('gone')];
      case 'stored':
        // The answer arrives, or is lost.
        return state.client === 'waits' && index === state.sends.length - 1
          ? [at('gone', { client: 'done' }), at('gone')]
          : [at('gone')];
      case 'gone':
        return [];
    }
  });
}

function clientSteps(state: State, rules: Rules): readonly State[] {
  if (state.client === 'waits') return [{ ...state, client: 'unclear' }];
  if (state.client !== 'unclear') return [];
  const isSettled = state.sends.every((send) => send === 'gone' || send === 'stored');
  const shown = state.dials > 0;
  const again: State = { ...state, sends: [...state.sends, 'wire'], client: 'waits' };
  const found: State = { ...state, client: 'done' };
  const unknown: State = { ...state, client: 'unknown' };
  const mayResend = state.sends.length < MAX_SENDS;
  switch (rules.resend) {
    case 'never':
      return shown ? [found, ...(rules.listingComplete ? [] : [unknown])] : [unknown];
    case 'immediately':
      return mayResend ? [again] : [unknown];
    case 'settled':
      if (!mayResend) return [unknown];
      // With A1, the client waits until the first request has ended.
      return isSettled || !rules.noLateDial ? [again] : [];
    case 'absent-immediately':
    case 'absent-settled': {
      if (!mayResend) return shown ? [found] : [unknown];
      const waits = rules.resend === 'absent-settled' && rules.noLateDial && !isSettled;
      if (waits) return [];
      const missed = !shown || !rules.listingComplete;
      return [...(shown ? [found] : []), ...(missed ? [again] : [])];
    }
  }
}

/** The result of searching all reachable states. */
export interface Finding {
  readonly states: number;
  readonly mostDials: number;
}

/** Searches all reachable states, breadth first. */
export function explore(rules: Rules): Finding {
  const seen = new Map<string, State>([[JSON.stringify(START), START]]);
  const queue: State[] = [START];
  for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
    for (const following of next(state, rules)) {
      const name = JSON.stringify(following);
      if (seen.has(name)) continue;
      seen.set(name, following);
      queue.push(following);
    }
  }
  const mostDials = Math.max(...[...seen.values()].map(({ dials }) => dials));
  return { states: seen.size, mostDials };
}
