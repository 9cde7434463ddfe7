import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { API_PATH, createSimulator, type SimulatorOptions } from './simulator/app';
import type { Dial } from './simulator/phones/ledger';
import type { PhonePlan } from './simulator/script/script';

export interface StartSimulatorOptions {
  /** The only accepted key. Default: every key that starts with `truedy_`. */
  readonly apiKey?: string;
  /** Where webhooks are sent. Default: none are sent. */
  readonly webhookUrl?: string;
  /** Signs the webhooks. */
  readonly webhookSecret?: string;
  /** Divides the durations of a call, which otherwise ends 3 s after it was placed. Default 20. */
  readonly speed?: number;
  /** The limit of requests per minute and key. Default: none. */
  readonly requestsPerMinute?: number;
}

/** A stand-in for Truedy on a free port of 127.0.0.1. No real phone is dialed. */
export interface RunningSimulator {
  /** The `baseUrl` of workers. */
  readonly baseUrl: string;
  /**
   * Sets how Truedy and the phone behave for a number, one script for each request to dial it; the last one repeats.
   * Without a plan, a number of `phones` behaves as its name says, and any other is answered.
   *
   * @throws Error that lists every problem of the scripts.
   */
  plan(phoneNumber: string, ...scripts: readonly PhonePlan[]): Promise<void>;
  /** Every dial so far, whatever the API responded, oldest first. */
  dials(): readonly Dial[];
  /** Cancels everything that is scheduled, and closes all connections. */
  stop(): Promise<void>;
}

/** Starts the simulator in this process. */
export async function startSimulator(
  options: StartSimulatorOptions = {},
): Promise<RunningSimulator> {
  const host = '127.0.0.1';
  const { speed = 20, requestsPerMinute = null, ...others } = options;
  const settings: SimulatorOptions = { ...others, host, speed, requestsPerMinute };
  const simulator = createSimulator(settings);
  const server = createServer(getRequestListener(simulator.app.fetch));
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const origin = `http://${host}:${port}`;
  return {
    baseUrl: `${origin}${API_PATH}`,
    async plan(phoneNumber, ...scripts) {
      const answer = await simulator.app.request(`${origin}/_sim/plan`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', host: new URL(origin).host },
        body: JSON.stringify({ numbers: { [phoneNumber]: scripts } }),
      });
      if (answer.status !== 200) {
        throw new Error(`The plan is not valid; docs/simulator.md: ${await answer.text()}`);
      }
    },
    dials: () => simulator.dials(),
    async stop() {
      simulator.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Numbers that behave as their names say, unless a plan says otherwise. All are reserved for fiction. */
export const phones = {
  answered: '+14155550101',
  busy: '+14155550102',
  no_answer: '+14155550103',
  declined: '+14155550104',
  invalid_number: '+14155550105',
  voicemail: '+14155550106',
  unreachable: '+14155550107',
  cancelled: '+14155550108',
  failed: '+14155550109',
  stuck_queued: '+14155550110',
  stuck_ringing: '+14155550111',
  stuck_in_progress: '+14155550112',
} as const;
