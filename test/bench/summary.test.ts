import type { Used } from '../../bench/round';
import { report, type Measured } from '../../bench/summary';

function used(cpuMs: number, othersShare = 0): Used {
  return {
    cpuMs,
    othersShare,
    serverMs: cpuMs / 2,
    workerMs: cpuMs / 2,
    bridgeMs: 0,
    requests: 1,
    events: 20,
    actions: 7,
    detectionMs: [cpuMs],
  };
}

const GROWTH = { growth: 1, open: 10_000, memoryMiB: 400 };
const ANSWERED = { perSecond: 500, bridgeMs: 0.7 };

function measured(rounds: readonly (readonly [product: Used, bare: Used])[]): Measured {
  return {
    used: {
      product: rounds.map(([product]) => product),
      bare: rounds.map(([, bare]) => bare),
      naive: rounds.map(() => used(200)),
    },
    deliveries: ANSWERED,
    unsigned: ANSWERED,
    growth: GROWTH,
  };
}

it('divides what the product used by what another used in the same round, and takes the median', () => {
  const { json } = report(
    measured([
      [used(60), used(50)],
      [used(130), used(100)],
      [used(70), used(50)],
    ]),
  );
  expect(json).toMatchObject({ rounds: 3, judged: 3, cpuRatioBare: 1.3, cpuRatioNaive: 0.35 });
});

it('does not judge a round in which other processes used over a fifth of the CPU time', () => {
  const { json } = report(
    measured([
      [used(60), used(50)],
      [used(90, 0.21), used(50)],
      [used(90), used(50, 0.21)],
    ]),
  );
  expect(json).toMatchObject({ rounds: 3, judged: 1, cpuRatioBare: 1.2 });
});

it('gives no figure for what it could not judge', () => {
  const { json, text } = report({
    ...measured([[used(60, 0.5), used(50)]]),
    growth: { growth: null, open: 1_000, memoryMiB: 300 },
  });
  expect(JSON.parse(JSON.stringify(json))).toMatchObject({
    judged: 0,
    cpuRatioBare: null,
    growth: null,
    memoryMiBPer10k: null,
  });
  expect(text).toContain('cpuRatioBare: not measured');
});
