import { drawScript } from './script';

describe('the script of a run', () => {
  it('is the same for the same seed', () => {
    const [first, second] = [
      drawScript({ calls: 50, seed: 7 }),
      drawScript({ calls: 50, seed: 7 }),
    ];
    expect(JSON.stringify(first)).toBe(JSON.stringify(second));
    expect(first.skewOf(3)).toBe(second.skewOf(3));
  });

  it('differs for another seed', () => {
    const [first, second] = [
      drawScript({ calls: 50, seed: 7 }),
      drawScript({ calls: 50, seed: 8 }),
    ];
    expect(JSON.stringify(first.calls)).not.toBe(JSON.stringify(second.calls));
  });

  it('has at least 20 kills and 10 freezes in 1,000 calls, in every part of the run', () => {
    const { disasters } = drawScript({ calls: 1_000, seed: 1 });
    const isKill = ({ kind }: { kind: string }) => kind.startsWith('kill');
    expect(disasters.filter(isKill).length).toBeGreaterThanOrEqual(20);
    expect(disasters.filter((disaster) => !isKill(disaster)).length).toBeGreaterThanOrEqual(10);
    const quarters = new Set(disasters.map(({ atCall }) => Math.floor(atCall / 250)));
    expect(quarters.size).toBe(4);
  });

  it('has each kind of disaster in a short run', () => {
    const { disasters } = drawScript({ calls: 20, seed: 1 });
    expect(new Set(disasters.map(({ kind }) => kind)).size).toBe(8);
  });

  it.each([
    [1, 'behind', -1],
    [2, 'ahead', 1],
  ])('has a fleet of seed %i whose clocks are all %s', (seed, _, side) => {
    const { skewOf } = drawScript({ calls: 1, seed });
    expect(new Set([0, 1, 2, 3, 4].map((worker) => Math.sign(skewOf(worker))))).toEqual(
      new Set([side]),
    );
  });

  it('skews no clock by more than the allowed 5 s', () => {
    const { skewOf } = drawScript({ calls: 1, seed: 1 });
    const skews = Array.from({ length: 100 }, (_, worker) => skewOf(worker));
    expect(Math.max(...skews.map(Math.abs))).toBeLessThan(5_000);
  });

  it('draws the same calls with people, except for what they share', () => {
    const alone = drawScript({ calls: 200, seed: 7 });
    const crowd = drawScript({ calls: 200, seed: 7, people: 10 });
    expect(crowd.disasters).toEqual(alone.disasters);
    expect(crowd.conditions).toEqual(alone.conditions);
    const own = (calls: typeof alone.calls) =>
      calls.map((call) => ({
        ...call,
        rest: { ...call.rest, placement: undefined },
        expiresAfterMs: undefined,
        person: undefined,
      }));
    expect(own(crowd.calls)).toEqual(own(alone.calls));
    expect(alone).not.toHaveProperty('people');
  });

  it('gives every call with people a person and an expiry', () => {
    const { calls, people } = drawScript({ calls: 300, seed: 1, people: 15 });
    expect(calls.every(({ expiresAfterMs }) => expiresAfterMs !== undefined)).toBe(true);
    const persons = new Set(calls.map(({ person = -1 }) => person));
    expect(persons.size).toBe(15);
    expect(Math.max(...persons)).toBe(14);
    expect(Math.min(...persons)).toBe(0);
    expect(people?.count).toBe(15);
  });

  it('lets some people opt out, and some of them in again, in the middle of the run', () => {
    const { people } = drawScript({ calls: 1_000, seed: 1, people: 50 });
    const { optOuts = [] } = people ?? {};
    expect(optOuts.length).toBeGreaterThan(10);
    expect(optOuts.length).toBeLessThan(40);
    const back = optOuts.filter(({ optInAfterMs }) => optInAfterMs !== undefined);
    expect(back.length).toBeGreaterThan(0);
    expect(back.length).toBeLessThan(optOuts.length);
    const atCalls = optOuts.map(({ atCall }) => atCall);
    expect(Math.min(...atCalls)).toBeGreaterThanOrEqual(150);
    expect(Math.max(...atCalls)).toBeLessThan(850);
  });

  it('draws policies with and without a gap, for one call at a time and for two', () => {
    const policies = Array.from(
      { length: 40 },
      (_, seed) => drawScript({ calls: 20, seed, people: 4 }).people?.policy,
    );
    expect(new Set(policies.map((policy) => policy?.minGap)).size).toBe(3);
    expect(new Set(policies.map((policy) => policy?.concurrent)).size).toBe(2);
    expect(new Set(policies.map((policy) => policy?.timeZone)).size).toBe(3);
  });
});
