/** The variables that configure a proxy. The lower-case spelling takes precedence, as in curl. */
export const PROXY_SETTINGS = [
  'TRUEDY_PROXY',
  'https_proxy',
  'HTTPS_PROXY',
  'http_proxy',
  'HTTP_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

/** The variable that applies to a URL, with its value. `undefined` if no proxy is used. */
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

/** What is wrong with the URL of a proxy, without quoting the URL, which may contain a password. */
export function proxyProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'is not the URL of an HTTP proxy, such as http://proxy.example:3128';
  }
  return url.pathname !== '/' || url.search !== '' ? 'has a path or query' : undefined;
}

// --- internal ---

/** `NO_PROXY`: hosts with an optional port, separated by commas or spaces. Includes subdomains. `*` means all hosts. */
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
