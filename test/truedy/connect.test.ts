import { join } from 'node:path';
import { inspect } from 'node:util';
import { exchange, type HttpRequest } from '../../src/truedy/http';
import { runScript } from '../support/script';
import {
  closedPort,
  closeServers,
  serveHttp,
  serveProxy,
  serveSelfSigned,
  serveSilent,
} from './support/local-server';

afterEach(closeServers);

function requestTo(port: number, rest: Partial<HttpRequest> = {}, scheme = 'https'): HttpRequest {
  return {
    name: 'POST /calls',
    method: 'POST',
    url: new URL(`${scheme}://127.0.0.1:${port}/calls`),
    headers: [['authorization', 'Bearer truedy_test']],
    body: '{"secret":"body"}',
    limitMs: 5_000,
    maxBytes: 1_024,
    ...rest,
  };
}

/** A target that must not be reached. */
async function target() {
  let requests = 0;
  const server = await serveHttp((_, response) => {
    requests += 1;
    response.end('{}');
  });
  return { ...server, requests: () => requests };
}

function failureOf(request: HttpRequest): Promise<unknown> {
  return exchange(request, Date.now).then(
    () => Promise.reject(new Error('was answered')),
    (error: unknown) => error,
  );
}

describe('a request through a proxy', () => {
  it('goes through a tunnel to a plain target, with nothing of it in the CONNECT', async () => {
    const { port } = await target();
    const proxy = await serveProxy();
    const request = requestTo(port, { proxy: proxy.url }, 'http');
    expect(await exchange(request, Date.now)).toMatchObject({ status: 200 });
    expect(proxy.tunnels).toMatchObject([
      { authority: `127.0.0.1:${port}`, headers: { host: `127.0.0.1:${port}` } },
    ]);
    expect(proxy.tunnels[0]?.headers['authorization']).toBeUndefined();
  });

  it('is encrypted for the target, and opens one tunnel for each request', async () => {
    const { port } = await serveSelfSigned((_, response) => response.end('{}'));
    const proxy = await serveProxy();
    // A process reads its trusted certificate authorities when it starts.
    const printed = await runScript(
      `const request = { name: 'GET /', method: 'GET', limitMs: 20000, maxBytes: 1024,
        headers: [['authorization', 'Bearer truedy_test']],
        url: new URL('https://127.0.0.1:${port}/calls'), proxy: new URL('${proxy.url.href}') };
      const { exchange } = load('truedy/http.ts');
      for (const _ of [1, 2]) console.log((await exchange(request, Date.now)).status);`,
      { NODE_EXTRA_CA_CERTS: join(__dirname, 'support/self-signed.pem') },
    );
    expect(printed).toBe('200\n200');
    expect(proxy.tunnels).toHaveLength(2);
    for (const { bytes } of proxy.tunnels) expect(bytes).not.toMatch(/truedy_test|GET|calls/);
  });

  it.each([
    ['', '', undefined],
    ['me', 'p@ss', `Basic ${btoa('me:p@ss')}`],
    ['me', '', `Basic ${btoa('me:')}`],
    ['', 'p@ss', `Basic ${btoa(':p@ss')}`],
  ])('gives the proxy the credentials of its address: %j %j', async (username, password, sent) => {
    const { port } = await target();
    const proxy = await serveProxy();
    const url = new URL(proxy.url);
    Object.assign(url, { username, password });
    await exchange(requestTo(port, { proxy: url }, 'http'), Date.now);
    expect(proxy.tunnels[0]?.headers['proxy-authorization']).toBe(sent);
  });

  describe('was not sent', () => {
    it.each([301, 403, 407, 502, 503])('when the proxy answers %d', async (status) => {
      const { port, requests } = await target();
      const proxy = await serveProxy(status);
      expect(await failureOf(requestTo(port, { proxy: proxy.url }, 'http'))).toMatchObject({
        name: 'TruedyNetworkError',
        mayBeSent: false,
        message: `POST /calls failed (the proxy answered ${status})`,
      });
      expect(requests()).toBe(0);
      expect(proxy.tunnels).toHaveLength(1);
    });

    it('when the proxy closes the connection', async () => {
      const { port, requests } = await target();
      const proxy = await serveProxy('drop');
      expect(await failureOf(requestTo(port, { proxy: proxy.url }, 'http'))).toMatchObject({
        mayBeSent: false,
        message: expect.stringMatching(/\(the proxy did not open a tunnel: [A-Z_]+\)$/),
      });
      expect(requests()).toBe(0);
    });

    it('when nothing listens at the address of the proxy', async () => {
      const { port } = await target();
      const proxy = new URL(`http://127.0.0.1:${await closedPort()}`);
      expect(await failureOf(requestTo(port, { proxy }, 'http'))).toMatchObject({
        mayBeSent: false,
        message: 'POST /calls failed (the proxy did not open a tunnel: ECONNREFUSED)',
      });
    });

    it('when the proxy accepts CONNECT and never answers', async () => {
      const { port } = await target();
      const proxy = await serveProxy('hang');
      const request = requestTo(port, { proxy: proxy.url, limitMs: 60_000 }, 'http');
      expect(await failureOf(request)).toMatchObject({
        mayBeSent: false,
        message: 'POST /calls failed (the proxy did not open a tunnel: no answer in time)',
      });
    });

    it('when TLS to the target hangs in the tunnel', async () => {
      const { port } = await serveSilent();
      const proxy = await serveProxy();
      expect(await failureOf(requestTo(port, { proxy: proxy.url, limitMs: 300 }))).toMatchObject({
        mayBeSent: false,
      });
      expect(proxy.tunnels).toHaveLength(1);
    });

    it('when the certificate in the tunnel is not trusted', async () => {
      const { port } = await serveSelfSigned((_, response) => response.end('{}'));
      const proxy = await serveProxy();
      const error = await failureOf(requestTo(port, { proxy: proxy.url }));
      expect(error).toMatchObject({ mayBeSent: false });
      expect(proxy.tunnels[0]?.bytes).not.toContain('truedy_test');
    });
  });

  it('may have been sent when the tunnel breaks after it was written', async () => {
    const { port } = await serveHttp((request) => request.socket.destroy());
    const proxy = await serveProxy();
    expect(await failureOf(requestTo(port, { proxy: proxy.url }, 'http'))).toMatchObject({
      name: 'TruedyNetworkError',
      mayBeSent: true,
    });
  });

  it('leaves no credentials of the proxy in its error', async () => {
    const { port } = await target();
    for (const proxy of [await serveProxy(407), await serveProxy('drop')]) {
      const url = new URL(proxy.url);
      url.username = 'someone';
      url.password = 'hidden-password';
      const error = await failureOf(requestTo(port, { proxy: url }, 'http'));
      expect(inspect(error, { depth: 9 })).not.toMatch(
        new RegExp(`hidden-password|someone|${btoa('someone:hidden-password')}`),
      );
    }
  });
});

describe('a bug of our own', () => {
  it.each([
    [
      'a header that HTTP does not allow',
      { headers: [['x', 'a\nb']] as const },
      /UND_ERR_INVALID_ARG/,
    ],
    ['a limit that no timer takes', { limitMs: -1 }, /ERR_OUT_OF_RANGE/],
    ['a limit that is no number', { limitMs: NaN }, /ERR_OUT_OF_RANGE/],
  ])('is thrown as it is, not as an unreachable Truedy: %s', async (_, rest, code) => {
    const { port, requests } = await target();
    const error = await failureOf(requestTo(port, rest, 'http'));
    expect(error).toMatchObject({ code: expect.stringMatching(code) });
    expect(error).not.toMatchObject({ name: 'TruedyNetworkError' });
    expect(requests()).toBe(0);
  });

  it('does not include a fractional limit, as a time scale produces', async () => {
    const { port } = await target();
    const answer = await exchange(requestTo(port, { limitMs: 200_000 / 7 }, 'http'), Date.now);
    expect(answer.status).toBe(200);
  });
});
