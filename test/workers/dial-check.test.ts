import { createDialCheck } from '../../src/workers/dial-check';
import { runScript } from '../support/script';
import {
  closeServers,
  serveHttp,
  serveProxy,
  serveSelfSigned,
} from '../truedy/support/local-server';

const DIAL = { reference: 'r#1', phoneNumber: '+14155550101', labels: {}, attempt: 1 };
const OPTIONS = { hashKey: '0123456789abcdef', tellNumber: false };

afterEach(closeServers);

function serveAnswer(answer: object) {
  return serveHttp((_, response) => response.end(JSON.stringify(answer)));
}

describe('the dial check', () => {
  it('masks numbers in the reason that it was given', async () => {
    const { port } = await serveAnswer({ dial: false, reason: 'opted out: (415) 555-0101' });
    const ask = createDialCheck({ ...OPTIONS, url: `http://127.0.0.1:${port}/` });
    expect(await ask(DIAL)).toEqual({ no: 'opted out: •••01' });
  });

  it('is called through the tunnel of a proxy', async () => {
    const { port } = await serveAnswer({ dial: true });
    const proxy = await serveProxy();
    const url = `http://127.0.0.1:${port}/`;
    expect(await createDialCheck({ ...OPTIONS, url, proxy: proxy.url })(DIAL)).toBe('yes');
    expect(proxy.tunnels).toMatchObject([{ authority: `127.0.0.1:${port}` }]);
  });

  it('allows nothing if the proxy rejects the tunnel', async () => {
    const { port } = await serveAnswer({ dial: true });
    const proxy = await serveProxy(407);
    const url = `http://127.0.0.1:${port}/`;
    const ask = createDialCheck({ ...OPTIONS, url, proxy: proxy.url });
    await expect(ask(DIAL)).rejects.toThrow('the proxy answered 407');
  });

  it('rejects an untrusted certificate, even if the environment would accept any', async () => {
    let requests = 0;
    const { port } = await serveSelfSigned((_, response) => {
      requests += 1;
      response.end('{"dial":true}');
    });
    const printed = await runScript(
      `const { createDialCheck } = load('workers/dial-check.ts');
      const ask = createDialCheck(${JSON.stringify({ ...OPTIONS, url: `https://127.0.0.1:${port}/` })});
      console.log(await ask(${JSON.stringify(DIAL)}).catch((error) => error.code));`,
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    );
    expect(printed).toMatch(/CERT/);
    expect(requests).toBe(0);
  });
});
