import { createSimulator } from '../../../src/testing/simulator/app';

async function statusOf(listensOn: string, headers: Record<string, string>): Promise<number> {
  const simulator = createSimulator({ host: listensOn });
  const answer = await simulator.app.request('/_sim/plan', {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...headers },
    body: '{"reset":true}',
  });
  simulator.close();
  return answer.status;
}

describe('the simulator', () => {
  it.each([
    ['127.0.0.1', { host: '127.0.0.1:8788' }],
    ['127.0.0.1', { host: 'localhost:8788' }],
    ['::1', { host: '[::1]:8788' }],
    ['10.0.0.5', { host: '10.0.0.5:8788' }],
    ['127.0.0.1', { host: 'localhost:8788', origin: 'http://localhost:8788' }],
    ['127.0.0.1', { host: 'localhost:8788', 'sec-fetch-site': 'same-origin' }],
    ['127.0.0.1', { host: 'localhost:8788', 'sec-fetch-site': 'none' }],
    ['0.0.0.0', { host: 'simulator:8788' }],
    ['::', { host: 'simulator:8788' }],
    ['0.0.0.0', { host: 'localhost:8788', 'sec-fetch-site': 'same-origin' }],
  ])('that listens on %s serves %j', async (listensOn, headers) => {
    expect(await statusOf(listensOn, headers)).toBe(200);
  });

  it.each([
    ['127.0.0.1', { host: 'rebound.example:8788' }],
    ['127.0.0.1', { host: '127.0.0.1.rebound.example' }],
    ['127.0.0.1', {}],
    ['127.0.0.1', { host: 'localhost:8788', origin: 'http://evil.example' }],
    ['127.0.0.1', { host: 'localhost:8788', origin: 'http://localhost:3000' }],
    ['127.0.0.1', { host: 'localhost:8788', origin: 'null' }],
    ['127.0.0.1', { host: 'localhost:8788', 'sec-fetch-site': 'cross-site' }],
    ['127.0.0.1', { host: 'localhost:8788', 'sec-fetch-site': 'same-site' }],
    ['0.0.0.0', { host: 'rebound.example:8788', origin: 'http://rebound.example:8788' }],
    ['0.0.0.0', { host: 'rebound.example:8788', 'sec-fetch-site': 'same-origin' }],
  ])('that listens on %s refuses %j', async (listensOn, headers) => {
    expect(await statusOf(listensOn, headers)).toBe(403);
  });
});
