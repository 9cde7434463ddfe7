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
    expect(new Set(disasters.map(({ kind }) => kind)).size).toBe(7);
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
});
