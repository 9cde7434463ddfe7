import { proxyProblem, proxySettingFor } from '../../src/runtime/proxy';

const API = new URL('https://api.truedy.ai/api/public/v1');
const PROXY = 'http://proxy.example:3128';

describe('proxySettingFor', () => {
  it.each([
    ['https', { HTTPS_PROXY: PROXY }, API.href, 'HTTPS_PROXY'],
    [
      'https, in lower case first',
      { HTTPS_PROXY: 'x', https_proxy: PROXY },
      API.href,
      'https_proxy',
    ],
    ['http', { HTTP_PROXY: PROXY, HTTPS_PROXY: 'x' }, 'http://api.example/v1', 'HTTP_PROXY'],
    [
      'both, with our own setting first',
      { TRUEDY_PROXY: PROXY, HTTPS_PROXY: 'x' },
      API.href,
      'TRUEDY_PROXY',
    ],
  ])('finds the proxy for %s', (_, env, target, name) => {
    expect(proxySettingFor(new URL(target), env)).toEqual({ name, value: PROXY });
  });

  it.each([
    ['no variable', {}],
    ['an empty variable', { HTTPS_PROXY: '' }],
    ['only a proxy for another scheme', { HTTP_PROXY: PROXY }],
  ])('finds none if the environment has %s', (_, env) => {
    expect(proxySettingFor(API, env)).toBeUndefined();
  });

  it.each([
    ['*', false],
    ['api.truedy.ai', false],
    ['API.TRUEDY.AI', false],
    ['.truedy.ai', false],
    ['*.truedy.ai', false],
    ['truedy.ai:443', false],
    ['other.example, truedy.ai', false],
    ['other.example truedy.ai', false],
    ['truedy.ai:8443', true],
    ['edy.ai', true],
    ['api.truedy.ai.example', true],
    ['', true],
  ])('respects NO_PROXY %j', (list, isProxied) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const setting = proxySettingFor(API, { TRUEDY_PROXY: PROXY, [name]: list });
      expect(setting !== undefined).toBe(isProxied);
    }
  });
});

describe('proxyProblem', () => {
  it.each([PROXY, 'https://proxy.example', 'http://me:secret@proxy.example:3128/'])(
    'accepts %s',
    (text) => expect(proxyProblem(text)).toBeUndefined(),
  );

  it.each(['proxy.example:3128', 'socks5://proxy.example', 'http://', 'http://a.example/path'])(
    'rejects %s',
    (text) => expect(proxyProblem(text)).toEqual(expect.any(String)),
  );
});
