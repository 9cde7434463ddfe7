import type { CallScript } from '../../src/testing/simulator/script/script';
import type { DrawnCall } from './draw-call';
import { plansByPerson, type DrawnPeople } from './draw-people';
import { hasPlan } from './evidence';
import type { Case } from './facts';
import { judgePerson, type PersonCase, type PersonViolation } from './judge-people';
import type { Played } from './play';

export interface JudgedPerson {
  readonly facts: PersonCase;
  readonly violations: readonly PersonViolation[];
}

export interface PeopleOutcome {
  readonly count: number;
  readonly optOuts: number;
  /** Calls that ended without a dial, because of a limit or an opt-out. */
  readonly expired: number;
  readonly suppressed: number;
  readonly broken: readonly JudgedPerson[];
}

/** Judges the calls to each person together. */
export function judgedPeople(
  { policy, count }: DrawnPeople,
  cases: readonly Case[],
  { people }: Played,
): PeopleOutcome {
  const judged = people.map((person) => {
    const own = cases.filter(({ drawn }) => drawn.person === person.person && !drawn.isInvalid);
    const facts: PersonCase = { ...person, policy, cases: own };
    return { facts, violations: judgePerson(facts) };
  });
  const ended = (outcome: string) =>
    cases.filter(({ runEnds }) => runEnds.at(-1)?.result?.outcome === outcome).length;
  return {
    count,
    optOuts: people.flatMap(({ actions }) => actions).filter(({ name }) => name === 'optOut')
      .length,
    expired: ended('expired'),
    suppressed: ended('suppressed'),
    broken: judged.filter(({ violations }) => violations.length > 0),
  };
}

/** Finds the vendor's plan for each POST: the plans of a person are used in the order of the POSTs to the number. */
export function withSharedPlans(
  cases: readonly Case[],
  calls: readonly DrawnCall[],
): readonly Case[] {
  const plans = new Map<number, CallScript>();
  for (const [person, scripts] of plansByPerson(calls)) {
    const posts = cases
      .filter(({ drawn }) => drawn.person === person)
      .flatMap((one) => one.posts)
      .filter(hasPlan)
      .sort((a, b) => a.seq - b.seq);
    posts.forEach(({ seq }, place) => {
      const script = scripts[Math.min(place, scripts.length - 1)];
      if (script !== undefined) plans.set(seq, script);
    });
  }
  return cases.map((facts) => ({ ...facts, plans }));
}
