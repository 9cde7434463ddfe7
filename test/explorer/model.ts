/**
 * Placement as a game between a client and a vendor that may do the worst: one attempt, one number, no
 * clock. Every step that may come next is tried, so that what is never reached cannot happen.
 */

/** Where one send of the request is. `missed` has looked for its key and found none. */
type Send = 'wire' | 'missed' | 'inserted' | 'dialled' | 'stored' | 'gone';

export interface State {
  readonly sends: readonly Send[];
  readonly dials: number;
  /** Whether the vendor holds a kept answer under our key. */
  readonly keyStored: boolean;
  readonly client: 'waits' | 'unclear' | 'done' | 'unknown';
}

/** How a client places a call, and what the vendor is trusted with. */
export interface Rules {
  /** Whether an unclear request is sent again, and after what. */
  readonly resend: 'never' | 'at-once' | 'settled' | 'absent-at-once' | 'absent-settled';
  /** The vendor keeps the key with the dial, and never dies in between. */
  readonly keyHolds: boolean;
  /** A1: what is not visible after settling never becomes a dial. */
  readonly noLateDial: boolean;
  /** A2: a complete listing shows every row inserted before it. */
  readonly listingWhole: boolean;
}

const MOST_SENDS = 2;

const START: State = { sends: ['wire'], dials: 0, keyStored: false, client: 'waits' };

/** Every state that can follow. */
function next(state: State, rules: Rules): readonly State[] {
  return [...vendorSteps(state, rules), ...clientSteps(state, rules)];
}

function vendorSteps(state: State, rules: Rules): readonly State[] {
  return state.sends.flatMap((send, index): State[] => {
    const at = (moved: Send, more: Partial<State> = {}): State => ({
      ...state,
      ...more,
      sends: state.sends.map((one, place) => (place === index ? moved : one)),
    });
    switch (send) {
      case 'wire':
        // Lost on the way; answered from the kept key; or on its way to a dial.
        return state.keyStored ? [at('gone'), at('stored')] : [at('gone'), at('missed')];
      case 'missed':
        return [at('gone'), at('inserted')];
      case 'inserted':
        return [at('gone'), at('dialled', { dials: state.dials + 1 })];
      case 'dialled':
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
  const mayResend = state.sends.length < MOST_SENDS;
  switch (rules.resend) {
    case 'never':
      return shown ? [found, ...(rules.listingWhole ? [] : [unknown])] : [unknown];
    case 'at-once':
      return mayResend ? [again] : [unknown];
    case 'settled':
      if (!mayResend) return [unknown];
      // Waiting lets the first request come to its end, where the vendor can be trusted with that.
      return isSettled || !rules.noLateDial ? [again] : [];
    case 'absent-at-once':
    case 'absent-settled': {
      if (!mayResend) return shown ? [found] : [unknown];
      const waits = rules.resend === 'absent-settled' && rules.noLateDial && !isSettled;
      if (waits) return [];
      const missed = !shown || !rules.listingWhole;
      return [...(shown ? [found] : []), ...(missed ? [again] : [])];
    }
  }
}

/** What a search of all reachable states finds. */
export interface Finding {
  readonly states: number;
  readonly mostDials: number;
}

/** Breadth first, from the first send to the last state that can be reached. */
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
