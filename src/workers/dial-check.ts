import { createHmac } from 'node:crypto';
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { MayDial } from '../activities';
import { maskForeignNumbers } from '../call/text/masking';
import { createConnector } from '../truedy/connect';

const ANSWER_LIMIT_MS = 4_500;
const MAX_ANSWER_BYTES = 64 * 1024;

const answerSchema = z.union([
  z.strictObject({ dial: z.literal(true) }),
  z.strictObject({
    dial: z.literal(false),
    reason: z.string().max(500).default('no reason given'),
  }),
  z.strictObject({ notBefore: z.iso.datetime({ offset: true }) }),
]);

export interface DialCheckOptions {
  readonly url: string;
  /** The HMAC key of `numberHash`. */
  readonly hashKey: string;
  /** Whether the request also contains the number itself. */
  readonly tellNumber: boolean;
  /** Requests go through a tunnel of this proxy. Absent: directly. */
  readonly proxy?: URL | undefined;
}

/**
 * Asks the deployment's own service before every dial, with one POST of JSON. The service answers `{ "dial": true }`,
 * `{ "dial": false, "reason" }` or `{ "notBefore" }`. Any other answer, or none in time, throws, and nothing is dialed.
 */
export function createDialCheck({ url, hashKey, tellNumber, proxy }: DialCheckOptions): MayDial {
  const dispatcher = new Agent({ connect: createConnector(ANSWER_LIMIT_MS, proxy) });
  return async ({ reference, phoneNumber, labels, attempt }) => {
    const numberHash = createHmac('sha256', hashKey).update(phoneNumber).digest('hex');
    const { statusCode, body } = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        reference,
        attempt,
        labels,
        numberHash,
        ...(tellNumber && { phoneNumber }),
      }),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const text = await readLimited(body);
    if (statusCode !== 200) throw new Error(`The dial check answered ${statusCode}`);
    const answer = answerSchema.parse(JSON.parse(text));
    if ('notBefore' in answer) return { notBefore: answer.notBefore };
    // The reason is free text, which can contain the number.
    return answer.dial ? 'yes' : { no: maskForeignNumbers(answer.reason) };
  };
}

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The dial check answered with more than 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
