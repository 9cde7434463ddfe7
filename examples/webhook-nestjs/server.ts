import { Body, Controller, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { Request, Response } from 'express';
import { createWebhookHandler } from 'temporal-truedy/webhook';

const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const client = new Client({ connection: Connection.lazy(connectionOptions), namespace });
const secrets = (process.env['TRUEDY_WEBHOOK_SECRETS'] ?? '').split(',');
const webhook = createWebhookHandler({ client, secrets });

@Controller()
class AppController {
  @Post('webhooks/truedy') truedy(@Req() request: Request, @Res() response: Response) {
    return webhook.node(request, response);
  }
  @Post('orders') orders(@Body() body: unknown) {
    return body;
  }
}
@Module({ controllers: [AppController] })
class AppModule {}

// `rawBody` keeps the bytes beside the parsed body. Nest's limit of 100 KB would refuse long transcripts.
void NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true }).then((app) =>
  app.useBodyParser('json', { limit: '1mb' }).listen(process.env['PORT'] ?? 3000, '127.0.0.1'),
);
