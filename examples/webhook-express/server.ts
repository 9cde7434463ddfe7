import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import express from 'express';
import { createWebhookHandler } from 'temporal-truedy/webhook';

// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …: the settings of the `temporal` command.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

const app = express();
// Before express.json(), which would read the body first.
app.post('/webhooks/truedy', webhook.node);
app.use(express.json());
app.post('/orders', (request, response) => void response.json(request.body));

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
