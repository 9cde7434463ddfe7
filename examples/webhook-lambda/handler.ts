import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createWebhookHandler } from 'temporal-truedy/webhook';

/** What we use of an event of API Gateway (HTTP API, payload format 2.0) or of a function URL. */
interface HttpEvent {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

// Outside of the handler: the connection and the limits are shared by all invocations of this instance.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

export async function handler({ headers, body = '', isBase64Encoded }: HttpEvent) {
  const rawBody = isBase64Encoded ? Buffer.from(body, 'base64') : body;
  const answer = await webhook.receive({ header: (name) => headers[name], rawBody });
  return { statusCode: answer.status, headers: answer.headers, body: answer.body };
}
