import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Hono } from 'hono';
import { createWebhookHandler } from 'temporal-truedy/webhook';

// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …: the settings of the `temporal` command.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

const app = new Hono();
app.post('/webhooks/truedy', (context) => webhook.fetch(context.req.raw));
app.post('/orders', async (context) => context.json(await context.req.json()));

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) });
