import { Hono } from 'hono';

import { createAgents } from './api/list-agents';
import { createCalls } from './phones/calls';
import { createClock, type Clock } from './phones/clock';
import { addControl } from './script/control';
import { createDeliverer, type Send } from './webhooks/deliver';
import { createDialler } from './phones/dialer';
import { createGate } from './api/auth-and-limits';
import { createLedger, type Dial, type Ledger } from './phones/ledger';
import { createList } from './api/list-calls';
import { API_DESCRIPTION } from './api/openapi';
import { onlyOwnHost } from './own-host';
import { createPlace } from './api/create-call';
import { EVENTS, type EventName } from './script/script';
import { createRead } from './api/get-call';
import { createRecords, type Records } from './request-log';
import { initialSettings } from './settings';
import type { SimulatorEnv } from './api/transport';

export interface SimulatorOptions {
  /** Where it listens, to refuse requests of other sites and host names. Absent: it listens nowhere. */
  readonly host?: string;
  /** The one key that is good. Default: every bearer key that starts with `truedy_`. */
  readonly apiKey?: string | undefined;
  /** Where deliveries go. Default: none are made. */
  readonly webhookUrl?: string | undefined;
  readonly webhookSecret?: string | undefined;
  /** A file for the ledger, flushed line by line. Default: memory only. */
  readonly ledgerPath?: string | undefined;
  /** What the account's webhook is subscribed to, where a plan says nothing. Default: all. */
  readonly events?: readonly EventName[];
  /** Divides the times of a call's life. Default 1. */
  readonly speed?: number;
  /** Requests a minute and key, before a plan says otherwise; `null`: no limit. Default 100. */
  readonly requestsPerMinute?: number | null;
  readonly clock?: Clock;
  readonly send?: Send;
  readonly onDial?: (dial: Dial) => void;
  /** Asked to refuse connections for so long: only whoever listens can do that. */
  readonly onRefuse?: (forMs: number) => void;
}

/** A stand-in for Truedy: its API, its phones and its webhooks, and the ledger of what really rang. */
export interface Simulator {
  readonly app: Hono<SimulatorEnv>;
  readonly records: Records;
  dials(): readonly Dial[];
  /** Takes back all that is still to come. */
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

  const gate = createGate({ apiKey: options.apiKey, now: () => clock.now(), settings });
  const deliverer = createDeliverer({
    clock,
    url: options.webhookUrl,
    secret: options.webhookSecret ?? '',
    onTry: (entry) => records.deliveries.push(entry),
    ...(options.send && { send: options.send }),
  });
  const dialler = createDialler({
    clock,
    ledger,
    calls,
    speed: options.speed ?? 1,
    onDial,
    onNews: (call, event) => deliverer.notify(call, event),
  });
  const placing = createPlace({
    clock,
    settings,
    gate,
    records,
    dialler,
    deliverer,
    events: options.events ?? EVENTS,
  });
  const reading = { clock, settings, gate, records, calls };

  const app = new Hono<SimulatorEnv>();
  if (options.host !== undefined) app.use(onlyOwnHost(options.host));
  app.post(`${API_PATH}/calls`, placing.place);
  app.get(`${API_PATH}/calls`, createList(reading));
  app.get(`${API_PATH}/calls/:id`, createRead(reading));
  app.get(`${API_PATH}/agents`, createAgents(reading));
  app.get(`${API_PATH}/openapi.json`, (c) => c.json(API_DESCRIPTION));
  // As the vendor's framework does: one path only, and its own words for all others.
  app.all(`${API_PATH}/calls/`, (c) => c.redirect(`${API_PATH}/calls`, 307));
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404));
  addControl(app, {
    clock,
    calls,
    ledger,
    records,
    dialler,
    deliverer,
    settings,
    change(next, isReset) {
      current = next;
      if (!isReset) return;
      gate.clear();
      placing.clear();
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
