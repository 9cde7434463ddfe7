// app/webhooks/truedy/route.ts
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createWebhookHandler } from 'temporal-truedy/webhook';

// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …: the settings of the `temporal` command.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

/** Temporal's client needs Node. It does not run in the Edge runtime. */
export const runtime = 'nodejs';

export const POST = (request: Request): Promise<Response> => webhook.fetch(request);
