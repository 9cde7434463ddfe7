import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { endedIn, fieldsOf } from '../requests';

/** The least that turns a signed webhook into a signal. */
async function main(): Promise<void> {
  const { TEMPORAL_ADDRESS, TRUEDY_WEBHOOK_SECRETS: secret = '' } = process.env;
  const connection = await Connection.connect({ address: TEMPORAL_ADDRESS ?? '' });
  const { workflow } = new Client({ connection });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const stamp = String(request.headers['x-truedy-timestamp']);
      const claim = Buffer.from(String(request.headers['x-truedy-signature']), 'hex');
      const digest = createHmac('sha256', secret).update(`${stamp}.`).update(body).digest();
      const isSigned = claim.length === digest.length && timingSafeEqual(claim, digest);
      void answer(isSigned, body).then((status) => response.writeHead(status).end());
    });
  });
  const answer = async (isSigned: boolean, body: Buffer): Promise<number> => {
    if (!isSigned) return 401;
    const delivery: unknown = JSON.parse(body.toString());
    const { variables } = fieldsOf(delivery);
    const id = fieldsOf(variables)['workflow_id'];
    if (typeof id !== 'string') return 204;
    return workflow
      .getHandle(id)
      .signal('callEnded', endedIn(delivery))
      .then(
        () => 204,
        () => 503,
      );
  };
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    process.stdout.write(`Bridge ready on http://127.0.0.1:${port}/\n`);
  });
}

void main();
