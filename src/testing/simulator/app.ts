import { Hono } from 'hono';
import { listAgentsEndpoint } from './api/list-agents';
import { createCalls, type Calls } from './phones/calls';
import { createClock, type Clock } from './phones/clock';
import { addControl } from './script/control';
import { createDeliverer, type Send } from './webhooks/deliver';
import { createDialer } from './phones/dialer';
import { createAccessControl } from './api/auth-and-limits';
import { createLedger, type Dial, type Ledger } from './phones/ledger';
import { listCallsEndpoint } from './api/list-calls';
import { API_DESCRIPTION } from './api/openapi';
import { onlyOwnHost } from './own-host';
import { createCallEndpoint } from './api/create-call';
import { EVENTS, type EventName } from './script/script';
import { getCallEndpoint } from './api/get-call';
import { createRecords, type Records } from './request-log';
import { initialSettings } from './settings';
import type { EndpointOptions } from './api/endpoint';
import type { SimulatorContext, SimulatorEnv } from './api/transport';

export interface SimulatorOptions {
  /** The address it listens on, to refuse requests from other sites and host names. Absent in tests without a port. */
  readonly host?: string;
  /** The only accepted key. Default: every bearer key that starts with `truedy_`. */
  readonly apiKey?: string | undefined;
  /** Where deliveries are sent. Default: none are sent. */
  readonly webhookUrl?: string | undefined;
  readonly webhookSecret?: string | undefined;
  /** A file for the ledger, flushed line by line. Default: memory only. */
  readonly ledgerPath?: string | undefined;
  /** The events the account's webhook is subscribed to, unless a script has its own. Default: all. */
  readonly events?: readonly EventName[];
  /** Divides the durations of a call. Default 1. */
  readonly speed?: number;
  /** The initial limit of requests per minute and key; `null`: none. Default 100. */
  readonly requestsPerMinute?: number | null;
  readonly clock?: Clock;
  readonly send?: Send;
  readonly onDial?: (dial: Dial) => void;
  /** Called to refuse connections for a while, which only the listening server can do. */
  readonly onRefuse?: (forMs: number) => void;
}

/** A stand-in for Truedy: its API, phones and webhooks, and a ledger of every dial. */
export interface Simulator {
  readonly app: Hono<SimulatorEnv>;
  readonly records: Records;
  dials(): readonly Dial[];
  /** Cancels everything that is still scheduled. */
  close(): void;
}

export const API_PATH = '/api/public/v1';

export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { requestsPerMinute = 100, onDial = () => {} } = options;
  const ownClock = createClock();
  const clock = options.clock ?? ownClock;
  const ledger: Ledger = createLedger(options.ledgerPath);
  const calls = createCalls();
  const records = createRecords();
  let current = initialSettings(requestsPerMinute);
  const settings = () => current;

  const access = createAccessControl({ apiKey: options.apiKey, now: () => clock.now(), settings });
  const deliverer = createDeliverer({
    clock,
    url: options.webhookUrl,
    secret: options.webhookSecret ?? '',
    onTry: (entry) => records.deliveries.push(entry),
    ...(options.send && { send: options.send }),
  });
  const dialer = createDialer({
    clock,
    ledger,
    calls,
    speed: options.speed ?? 1,
    onDial,
    onEvent: (call, event) => deliverer.notify(call, event),
  });
  const endpoint = { clock, settings, access, records, calls };
  const events = options.events ?? EVENTS;
  const calling = createCallEndpoint({ ...endpoint, dialer, deliverer, events });

  const app = createApp(options.host, endpoint, calling.createCall);
  addControl(app, {
    ...endpoint,
    ledger,
    dialer,
    deliverer,
    change(next, isReset) {
      current = next;
      if (!isReset) return;
      access.clear();
      calling.clear();
    },
    refuse: options.onRefuse ?? (() => {}),
    initial: () => initialSettings(requestsPerMinute),
  });

  return {
    app,
    records,
    dials: () => ledger.dials(),
    close() {
      ownClock.close();
      deliverer.close();
      ledger.close();
    },
  };
}

// --- internal ---

function createApp(
  host: string | undefined,
  endpoint: EndpointOptions & { readonly calls: Calls },
  createCall: (c: SimulatorContext) => Promise<Response>,
): Hono<SimulatorEnv> {
  const app = new Hono<SimulatorEnv>();
  if (host !== undefined) app.use(onlyOwnHost(host));
  app.post(`${API_PATH}/calls`, createCall);
  app.get(`${API_PATH}/calls`, listCallsEndpoint(endpoint));
  app.get(`${API_PATH}/calls/:id`, getCallEndpoint(endpoint));
  app.get(`${API_PATH}/agents`, listAgentsEndpoint(endpoint));
  app.get(`${API_PATH}/openapi.json`, (c) => c.json(API_DESCRIPTION));
  // As the vendor's framework does: a redirect for the trailing slash, and its own text for unknown paths.
  app.all(`${API_PATH}/calls/`, (c) => c.redirect(`${API_PATH}/calls`, 307));
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404));
  return app;
}
