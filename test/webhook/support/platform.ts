import { getRequestListener } from '@hono/node-server';
import { createServer } from 'node:http';
import { handler } from '../../../examples/webhook-lambda/handler';
import { POST } from '../../../examples/webhook-nextjs/route';
import { httpEvent } from './http-event';

// Calls the examples that have no server of their own, as their platforms do. The argument names one way.
const PLATFORMS: Record<string, (request: Request) => Promise<Response>> = {
  next: POST,
  lambda: (request) => invoke(request, { base64: false }),
  'lambda, base64': (request) => invoke(request, { base64: true }),
};

async function invoke(request: Request, options: { readonly base64: boolean }): Promise<Response> {
  const event = httpEvent(await request.text(), Object.fromEntries(request.headers), options);
  const { statusCode: status, headers, body } = await handler(event);
  return new Response(body || null, { status, headers });
}

const listener = getRequestListener(PLATFORMS[process.argv[2] ?? ''] ?? POST);
createServer((request, response) => void listener(request, response)).listen(
  Number(process.env['PORT']),
  '127.0.0.1',
);
