import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { createWebhookHandler } from 'temporal-truedy/webhook';

// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, …: the settings of the `temporal` command.
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

@Controller('orders')
class OrdersController {
  @Post() create(@Body() order: unknown) {
    return order;
  }
}
@Module({ controllers: [OrdersController] })
class AppModule {}

void NestFactory.create(AppModule).then((app) => {
  // Before `listen`, which adds Nest's body parsers.
  app.use('/webhooks/truedy', webhook.node);
  return app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
});
