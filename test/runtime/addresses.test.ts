import { httpAddress } from '../../src/runtime/addresses';

describe('httpAddress', () => {
  it.each([
    ['127.0.0.1', 8787, 'http://127.0.0.1:8787'],
    ['localhost', 8787, 'http://localhost:8787'],
    ['::1', 8787, 'http://[::1]:8787'],
    ['::', 8080, 'http://[::]:8080'],
  ])('is a valid URL for %s', (host, port, address) => {
    expect(httpAddress(host, port)).toBe(address);
    expect(URL.canParse(httpAddress(host, port))).toBe(true);
  });
});
