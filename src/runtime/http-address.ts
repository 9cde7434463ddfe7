/** The address of a server for people and for `fetch`. An IPv6 address gets the brackets that a URL needs. */
export function httpAddress(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
