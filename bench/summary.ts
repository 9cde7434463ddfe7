import type { Burst } from './burst';
import type { Kind } from './contenders';
import type { Answered } from './deliveries';
import type { Growth } from './growth';
import type { Used } from './round';

/** What a run has measured. */
export interface Measured {
  readonly used: Readonly<Record<Kind, readonly Used[]>>;
  readonly deliveries: Answered;
  readonly unsigned: Answered;
  readonly growth: Growth;
}

/** A round in which other processes used more of the machine's CPU time than this is not judged. */
export const MOST_OTHERS = 0.2;

/**
 * The medians of the rounds, as text and as one JSON object. Ratios are what the product used, divided by what another
 * implementation used in the same round. A figure that was not measured without disturbance is `null`.
 */
export function report({ used, deliveries, unsigned, growth }: Measured) {
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
    memoryMiBPer10k: growth.open < 10_000 ? null : growth.memoryMiB,
    deliveriesPerS: deliveries.perSecond,
    deliveryCpuMs: deliveries.bridgeMs,
    strangerCpuMs: unsigned.bridgeMs,
    growth: growth.growth,
  };
  return { json, text: `${table(quiet)}\n${figures(json)}` };
}

export function describeBurst(burst: Burst) {
  return { json: burst, text: figures({ ...burst }) };
}

/** NaN if there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function describe({ cpuMs, serverMs, workerMs, bridgeMs, othersShare }: Used): string {
  const [all, ...parts] = [cpuMs, serverMs, workerMs, bridgeMs].map((ms) => ms.toFixed(1));
  return `${all} CPU-ms a call (${parts.join(' + ')}), others used ${(100 * othersShare).toFixed(0)} %`;
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

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function figures(json: Readonly<Record<string, number | null>>): string {
  return Object.entries(json)
    .map(([name, value]) => `${name}: ${rounded(value)}\n`)
    .join('');
}

function rounded(value: number | null): string {
  return value === null || Number.isNaN(value)
    ? 'not measured'
    : String(Number(value.toPrecision(3)));
}
