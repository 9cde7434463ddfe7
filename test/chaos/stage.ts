import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../src/cli/demo/child';
import { addressIn, startCluster } from '../faults/support/cluster';
import { contactSettings } from './crowd';
import { openDoor } from './door';
import { FREEZES } from './draw-disasters';
import { startFleet } from './fleet';
import { SPEED, TIME_SCALE } from './scale';
import type { Script } from './script';

const BRIDGES = 2;

export type Stage = Awaited<ReturnType<typeof setStage>>;

/** Starts all processes: server, simulator, bridges behind a load balancer, and workers. */
export async function setStage(
  script: Script,
  { signal, log }: { readonly signal: AbortSignal; readonly log: (line: string) => void },
) {
  const door = await openDoor();
  const webhookUrl = `${door.origin}/webhooks/truedy`;
  const cluster = await startCluster({
    timeScale: TIME_SCALE,
    speed: SPEED,
    webhookUrl,
    signal,
  }).catch((error: unknown) => {
    door.close();
    throw error;
  });
  const closing = new AbortController();
  const stop = async () => {
    closing.abort();
    door.close();
    await cluster.stop();
  };
  try {
    const bridges: Child[] = [];
    const open = (bridge: Child) => {
      bridges.push(bridge);
      door.add(portOf(bridge));
    };
    open(cluster.bridge);
    while (bridges.length < BRIDGES) open(await cluster.startBridge());
    const inSequence = createSequence();
    const fleet = await startFleet(cluster, script.skewOf, {
      inSequence,
      closing: closing.signal,
      log,
      settings: { ...contactSettings(script.people), FREEZES_BEFORE_SEND: FREEZES },
    });
    return {
      cluster,
      door,
      fleet,
      stop,
      async killBridge(of: number): Promise<void> {
        const [bridge] = bridges.splice(of % bridges.length, 1);
        if (bridge === undefined) return;
        await bridge.kill('SIGKILL');
        // A load balancer notices with a delay.
        await sleep(300);
        door.remove(portOf(bridge));
        await inSequence(async () => open(await cluster.startBridge()));
      },
      async killServer(): Promise<void> {
        await inSequence(async () => {
          await cluster.server.kill('SIGKILL');
          await cluster.server.restart();
        });
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

// --- internal ---

/** Runs one task at a time, so that no process starts while the server is down and gives up. */
function createSequence() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(act: () => Promise<T>): Promise<T> => {
    const mine = last.then(act);
    last = mine.catch(() => undefined);
    return mine;
  };
}

function portOf(bridge: Child): number {
  return Number(new URL(addressIn(bridge.ready)).port);
}
