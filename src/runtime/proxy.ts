/** The variables that name a proxy for outgoing requests; of two spellings the lower-case one wins, as in curl. */
export const PROXY_SETTINGS = [
  'TRUEDY_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

/** The variable that names the proxy for an address, and its value; `undefined` where none applies. */
export function proxySettingFor(
  target: URL,
  env: NodeJS.ProcessEnv,
): { readonly name: string; readonly value: string } | undefined {
  if (isExempt(target, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined;
  const scheme = target.protocol === 'https:' ? 'https' : 'http';
  const names = ['TRUEDY_PROXY', `${scheme}_proxy`, `${scheme}_proxy`.toUpperCase()];
  const name = names.find((candidate) => env[candidate]);
  return name === undefined ? undefined : { name, value: env[name] ?? '' };
}

/** What is wrong with the address of a proxy; never contains the address, which can hold a password. */
export function problemOfProxy(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'is not the address of an HTTP proxy, such as http://proxy.example:3128';
  }
  return url.pathname !== '/' || url.search !== '' ? 'has a path or query' : undefined;
}

// --- internal ---

/** `NO_PROXY`: hosts separated by commas or spaces, each with its subdomains and maybe a port; `*` exempts all. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const targetPort = port || (protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, host = '', entryPort] = /^\*?\.?(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      const isPort = entryPort === undefined || entryPort === targetPort;
      return isPort && (hostname === host || hostname.endsWith(`.${host}`));
    });
}
