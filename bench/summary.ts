import type { Kind } from './contenders';
import type { Used } from './round';

/** A round in which other processes used more of the machine's CPU time than this is not judged. */
const MOST_OTHERS = 0.2;

/** The medians of the rounds. Ratios are the product's share of what the others used in the same round. */
export function summary(used: Readonly<Record<Kind, readonly Used[]>>) {
  const rounds = used.product.map((product, index) => ({
    product,
    bare: used.bare[index] ?? product,
    naive: used.naive[index] ?? product,
  }));
  const quiet = rounds.filter((round) =>
    Object.values(round).every(({ othersShare }) => othersShare <= MOST_OTHERS),
  );
  const ratio = (of: 'cpuMs' | 'requests' | 'events' | 'actions', to: 'bare' | 'naive') =>
    median(quiet.map((round) => round.product[of] / round[to][of]));
  const detections = quiet.flatMap(({ product }) => product.detectionMs);
  const json = {
    rounds: rounds.length,
    judged: quiet.length,
    requestsRatio: ratio('requests', 'naive'),
    eventsRatio: ratio('events', 'naive'),
    actionsRatio: ratio('actions', 'naive'),
    cpuRatioBare: ratio('cpuMs', 'bare'),
    cpuRatioNaive: ratio('cpuMs', 'naive'),
    detectionP50Ms: quantile(detections, 0.5),
    detectionP99Ms: quantile(detections, 0.99),
  };
  return { json, text: table(quiet) };
}

// --- internal ---

type Round = Readonly<Record<Kind, Used>>;

function table(rounds: readonly Round[]): string {
  const rows = (['product', 'bare', 'naive'] as const).map((kind) => {
    const of = (name: 'cpuMs' | 'serverMs' | 'workerMs' | 'bridgeMs' | 'requests' | 'events') =>
      median(rounds.map((round) => round[kind][name])).toFixed(1);
    const actions = median(rounds.map((round) => round[kind].actions)).toFixed(1);
    const p50 = quantile(
      rounds.flatMap((round) => round[kind].detectionMs),
      0.5,
    ).toFixed(0);
    const cells = [kind, of('cpuMs'), of('serverMs'), of('workerMs'), of('bridgeMs')];
    return `| ${[...cells, of('requests'), of('events'), actions, p50].join(' | ')} |`;
  });
  const heads =
    'CPU-ms a call | server | worker | bridge | requests | events | actions | found after ms';
  return [`|  | ${heads} |`, `|${' --- |'.repeat(9)}`, ...rows, ''].join('\n');
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
