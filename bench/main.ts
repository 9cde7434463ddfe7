import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../src/testing/dev-server/dev-server';
import { KINDS, startContender, type Contender, type Kind } from './contenders';
import { playBurst } from './burst';
import { MACHINE } from './cpu';
import { deliver, deliverUnsigned } from './deliveries';
import { measureGrowth, type GrowthPlan } from './growth';
import { openCalls } from './open-calls';
import { playRound, type Load, type Place, type Used } from './round';
import { describe, describeBurst, report } from './summary';

const HELP = `Usage: npm run bench -- [--quick | --burst CALLS] [--json]

Compares the product with the least that does the same job on Temporal, and with a
first draft, in interleaved rounds on one server. docs/performance.md explains the
figures. Takes 20 minutes and both cores; --quick takes 4 minutes and is less exact.

--burst CALLS  Instead: places so many calls, kills the worker, delivers all their
               ends, starts a worker, and counts the results.
`;

interface Plan {
  readonly rounds: number;
  readonly load: Load;
  readonly deliveries: number;
  readonly growth: GrowthPlan;
}

const FULL: Plan = {
  rounds: 5,
  load: { calls: 100, perSecond: 5 },
  deliveries: 3_000,
  growth: { few: 100, many: 10_000, rounds: 3, load: { calls: 100, perSecond: 5 } },
};
const QUICK: Plan = {
  rounds: 2,
  load: { calls: 40, perSecond: 5 },
  deliveries: 1_500,
  growth: { few: 100, many: 1_000, rounds: 1, load: { calls: 40, perSecond: 5 } },
};
/** Calls before the first round, so that code is compiled and caches are filled. */
const WARM_UP: Load = { calls: 25, perSecond: 5 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      burst: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const burst = Number(values.burst ?? 1);
  if (!Number.isInteger(burst) || burst < 1) throw new Error('--burst takes a number of calls');
  const server = await startDevServer({ attach: false });
  const connection = await Connection.connect({ address: server.address });
  try {
    const place = { server, client: new Client({ connection }) };
    const { text, json } =
      values.burst === undefined
        ? await compare(place, values.quick ? QUICK : FULL)
        : describeBurst(await playBurst(place, burst));
    process.stdout.write(values.json ? `${JSON.stringify({ ...json, machine: MACHINE })}\n` : text);
  } finally {
    await connection.close();
    await server.stop();
  }
}

async function compare(place: Place, plan: Plan) {
  const contenders: Contender[] = [];
  try {
    for (const kind of KINDS) contenders.push(await startContender(kind, place.server));
    const used = await playRounds(contenders, place, plan);
    const product = contenders.find(({ kind }) => kind === 'product');
    if (product?.bridge === undefined) throw new Error('The product has no bridge');
    const { bridge } = product;
    await openCalls(product, place.client, plan.growth.few);
    await deliver(bridge, plan.growth.few, plan.deliveries / 3);
    const deliveries = await deliver(bridge, plan.growth.few, plan.deliveries);
    await deliverUnsigned(bridge, plan.deliveries / 3);
    const unsigned = await deliverUnsigned(bridge, plan.deliveries);
    const growth = await measureGrowth(product, place, plan.growth);
    return report({ used, deliveries, unsigned, growth });
  } finally {
    for (const one of contenders) await one.stop();
  }
}

async function playRounds(
  contenders: readonly Contender[],
  place: Place,
  { rounds, load }: Plan,
): Promise<Record<Kind, Used[]>> {
  const used: Record<Kind, Used[]> = { product: [], bare: [], naive: [] };
  for (const one of contenders) await playRound(one, place, WARM_UP);
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of contenders) {
      const found = await playRound(one, place, load);
      used[one.kind].push(found);
      process.stderr.write(`round ${round}, ${one.kind}: ${describe(found)}\n`);
    }
  }
  return used;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
