import type { Contender } from './contenders';
import { memoryMiB } from './cpu';
import { openCalls } from './open-calls';
import { playRound, type Load, type Place } from './round';
import { describe, median, MOST_OTHERS } from './summary';

/** How many calls are open in the two measurements, and what is measured. */
export interface GrowthPlan {
  readonly few: number;
  readonly many: number;
  readonly rounds: number;
  readonly load: Load;
}

/** What open calls cost. */
export interface Growth {
  /** The CPU time of a call beside `many` open ones, divided by that beside `few`. `null` if others disturbed it. */
  readonly growth: number | null;
  /** How many calls were open at the end. */
  readonly open: number;
  /** Of the worker with that many. */
  readonly memoryMiB: number;
}

/** Measures a call of the product beside few and beside many open calls. */
export async function measureGrowth(
  product: Contender,
  place: Place,
  { few, many, rounds, load }: GrowthPlan,
): Promise<Growth> {
  const beside = async (open: number) => {
    await openCalls(product, place.client, open);
    const costs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const used = await playRound(product, place, load);
      process.stderr.write(`beside ${open} open calls: ${describe(used)}\n`);
      if (used.othersShare <= MOST_OTHERS) costs.push(used.cpuMs);
    }
    return median(costs);
  };
  const base = await beside(few);
  const full = await beside(many);
  const growth = full / base;
  return {
    growth: Number.isNaN(growth) ? null : growth,
    open: many,
    memoryMiB: memoryMiB(product.workerPid),
  };
}
