import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { whyUnreachable } from '../../src/temporal/tcp-probe';

describe('whyUnreachable', () => {
  it('returns no reason if something listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(whyUnreachable(`127.0.0.1:${port}`, 1_000)).resolves.toBeUndefined();
    server.close();
  });

  it.each(['127.0.0.1:1', '[::1]:1', 'localhost:1'])('says that %s refuses', async (address) => {
    await expect(whyUnreachable(address, 1_000)).resolves.toMatch(
      /connection refused|ECONNREFUSED|EADDRNOTAVAIL/,
    );
  });

  it('says that there is no such host', async () => {
    await expect(whyUnreachable('nowhere.invalid:7233', 5_000)).resolves.toMatch(/host|name/);
  });
});
