import { createServer, type RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Controller, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client, Connection } from '@temporalio/client';
import express, { type Request as Incoming, type Response as Outgoing } from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import { createWebhookHandler } from 'temporal-truedy/webhook';
import { handler } from '../../../examples/webhook-lambda/handler';
import { POST } from '../../../examples/webhook-nextjs/route';
import { httpEvent } from './http-event';

// Servers that parse the body before the handler receives it, which is what users get wrong, and some that keep its
// bytes beside what they parsed. A request is for the server that its path names.
const PATH = '/webhooks/truedy';
const connection = Connection.lazy({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
const webhook = createWebhookHandler({
  client: new Client({ connection }),
  secrets: [process.env['TRUEDY_WEBHOOK_SECRETS'] ?? ''],
});

function expressWith(middleware: express.RequestHandler): RequestListener {
  return express().use(middleware).post(PATH, webhook.node);
}

function keepBytes(request: object, _: unknown, rawBody: Buffer): void {
  Object.assign(request, { rawBody });
}

@Controller()
class ParsedController {
  @Post(PATH) truedy(@Req() request: Incoming, @Res() response: Outgoing) {
    return webhook.node(request, response);
  }
}

@Module({ controllers: [ParsedController] })
class ParsedModule {}

async function nest(options: { readonly rawBody?: true }): Promise<RequestListener> {
  const app = await NestFactory.create<NestExpressApplication>(ParsedModule, options);
  await app.useBodyParser('json', { limit: '1mb' }).init();
  return app.getHttpAdapter().getInstance();
}

async function fastifyWithItsParser(): Promise<RequestListener> {
  const app = fastify();
  app.post(PATH, (request, reply) => {
    reply.hijack();
    void webhook.node(request.raw, reply.raw);
  });
  await app.ready();
  return (request, response) => app.routing(request, response);
}

function hono(): RequestListener {
  const app = new Hono();
  app.post(PATH, async (context) => {
    await context.req.json();
    return webhook.fetch(context.req.raw);
  });
  return getRequestListener(app.fetch);
}

async function next(request: Request): Promise<Response> {
  await request.json();
  return POST(request);
}

/** Behind a middleware for JSON, such as that of Middy, which replaces the body of the event. */
async function lambda(request: Request): Promise<Response> {
  const headers = Object.fromEntries(request.headers);
  const event = httpEvent(await request.text(), headers, { base64: false });
  const { statusCode: status, body } = await handler({ ...event, body: JSON.parse(event.body) });
  return new Response(body, { status });
}

async function main(): Promise<void> {
  const servers: Record<string, RequestListener> = {
    '/express': expressWith(express.json()),
    '/express-raw': expressWith(express.raw({ type: 'application/json', limit: '1mb' })),
    '/express-text': expressWith(express.text({ type: 'application/json', limit: '1mb' })),
    '/express-kept': expressWith(express.json({ limit: '1mb', verify: keepBytes })),
    '/nestjs': await nest({}),
    '/nestjs-kept': await nest({ rawBody: true }),
    '/fastify': await fastifyWithItsParser(),
    '/hono': hono(),
    '/next': getRequestListener(next),
    '/lambda': getRequestListener(lambda),
  };
  createServer((request, response) => {
    const listener = servers[request.url ?? ''];
    request.url = PATH;
    listener?.(request, response);
  }).listen(Number(process.env['PORT']), '127.0.0.1');
}

void main();
