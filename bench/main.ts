import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { startDevServer } from '../src/testing/dev-server/dev-server';
import { KINDS, startContender, type Contender, type Kind } from './contenders';
import { MACHINE } from './cpu';
import { playRound, type Load, type Used } from './round';
import { summary } from './summary';

/**
 * Compares the product with the least that does the same job, and with a first draft, in interleaved rounds on one
 * server: `npm run bench -- [--quick] [--json]`.
 */
const FULL = { rounds: 5, load: { calls: 150, perSecond: 5 } };
const QUICK = { rounds: 2, load: { calls: 30, perSecond: 5 } };
/** Calls before the first round, so that code is compiled and caches are filled. */
const WARM_UP: Load = { calls: 15, perSecond: 5 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { rounds, load } = values.quick ? QUICK : FULL;
  const server = await startDevServer({ attach: false });
  const connection = await Connection.connect({ address: server.address });
  const contenders: Contender[] = [];
  try {
    for (const kind of KINDS) contenders.push(await startContender(kind, server));
    const place = { server, client: new Client({ connection }) };
    for (const one of contenders) await playRound(one, place, WARM_UP);
    const used: Record<Kind, Used[]> = { product: [], bare: [], naive: [] };
    for (let round = 0; round < rounds; round += 1) {
      for (const one of contenders) {
        const found = await playRound(one, place, load);
        used[one.kind].push(found);
        process.stderr.write(`round ${round + 1}, ${one.kind}: ${describe(found)}\n`);
      }
    }
    const { text, json } = summary(used);
    process.stdout.write(values.json ? `${JSON.stringify({ ...json, machine: MACHINE })}\n` : text);
  } finally {
    for (const one of contenders) await one.stop();
    await connection.close();
    await server.stop();
  }
}

function describe({ cpuMs, serverMs, workerMs, bridgeMs, othersShare }: Used): string {
  const [all, ...parts] = [cpuMs, serverMs, workerMs, bridgeMs].map((ms) => ms.toFixed(1));
  return `${all} CPU-ms a call (${parts.join(' + ')}), others used ${(100 * othersShare).toFixed(0)} %`;
}

void main();
