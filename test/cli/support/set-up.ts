import { randomUUID } from 'node:crypto';
import { startChild, type Child } from '../../../src/cli/demo/child';
import { testAddress } from '../../support/temporal';
import { command, type Ran } from './command';

const KEY = 'truedy_testkey_0123456789';
export const SECRET = 'whsec_test_0123456789abcdef';

export type SetUp = Awaited<ReturnType<typeof startSetUp>>;

/**
 * A worker, a bridge and a simulator as separate processes, with matching settings.
 *
 * @param more Further settings of the worker.
 */
export async function startSetUp(more: Readonly<Record<string, string>> = {}) {
  const queue = `doctor-${randomUUID()}`;
  const temporal = { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: 'default' };
  const shared = { ...temporal, LOG_LEVEL: 'error' };
  const children: Child[] = [];
  const begin = async (entry: string, settings: Readonly<Record<string, string>>) => {
    const child = await startChild(entry, settings);
    children.push(child);
    return /https?:\/\/[^\s/]+/.exec(child.ready)?.[0] ?? '';
  };
  const simulator = await begin('testing/simulator/server', {
    SIMULATOR_PORT: '0',
    SIMULATOR_API_KEY: KEY,
    SIMULATOR_WEBHOOK_URL: '',
    SIMULATOR_LEDGER: '',
  });
  const bridge = await begin('webhook/server', {
    ...shared,
    TRUEDY_WEBHOOK_SECRETS: SECRET,
    WEBHOOK_PORT: '0',
  });
  const worker = {
    TRUEDY_API_KEY: KEY,
    TRUEDY_BASE_URL: `${simulator}/api/public/v1`,
    TRUEDY_TASK_QUEUE: queue,
    TRUEDY_API_TASK_QUEUE: `${queue}-api`,
  };
  const addWorker = (others: Readonly<Record<string, string>>) =>
    begin('worker', { ...shared, ...worker, ...others });
  await addWorker(more);
  const settings: Readonly<Record<string, string>> = {
    ...temporal,
    ...worker,
    TRUEDY_WEBHOOK_SECRETS: SECRET,
    WEBHOOK_PORT: new URL(bridge).port,
  };
  return {
    settings,
    bridge,
    simulator,
    /** Starts a further worker on the same queues. */
    addWorker,
    /** Runs the doctor with changed settings. */
    doctor: (flags: readonly string[] = [], change: Readonly<Record<string, string>> = {}) =>
      command(['doctor', ...flags], { ...settings, ...change }),
    async plan(plan: object): Promise<void> {
      const body = JSON.stringify(plan);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`${simulator}/_sim/plan`, { method: 'POST', headers, body });
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    /** What Truedy recorded. */
    async ledger(): Promise<{ dials: unknown[]; posts: unknown[]; lists: number }> {
      return (await fetch(`${simulator}/_sim/ledger`)).json() as Promise<any>;
    },
    async stop(): Promise<void> {
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
    },
  };
}

export interface Finding {
  readonly check: string;
  readonly mark: string;
  readonly seen: string;
  readonly fix?: readonly string[];
}

/** The doctor's findings, from its JSON output. */
export function foundBy({ stdout }: Ran): readonly Finding[] {
  return JSON.parse(stdout) as Finding[];
}
