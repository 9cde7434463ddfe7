import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { fastify } from 'fastify';
import { createWebhookHandler } from 'temporal-truedy/webhook';

// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …: the settings of the `temporal` command.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const app = fastify({ logger: true });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets, log: app.log });

void app.register(async (scope) => {
  // Bytes instead of parsed JSON. Only in this scope: other routes keep Fastify's parsers.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, async (_: unknown, body: Buffer) => body);
  scope.post<{ Body?: Buffer }>('/webhooks/truedy', async (request, reply) => {
    const header = (name: string) => request.headers[name];
    const answer = await webhook.receive({ header, rawBody: request.body ?? '' });
    return reply.code(answer.status).headers(answer.headers).send(answer.body);
  });
});
app.post('/orders', (request, reply) => reply.send(request.body));

void app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) });
