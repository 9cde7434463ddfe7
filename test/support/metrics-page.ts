import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** One line of a metrics page. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A parsed metrics page: the kind of each metric, and its series. */
export interface MetricsPage {
  readonly text: string;
  readonly kinds: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** The value of the only series with this name that includes these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

export async function scrape(address: string): Promise<MetricsPage> {
  const answer = await fetch(`http://${address}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`);
  const text = await answer.text();
  const about = (field: string) =>
    new Map([...text.matchAll(new RegExp(`^# ${field} (\\S+) (.*)$`, 'gm'))].map(pair));
  const series = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(pair);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
  return {
    text,
    kinds: about('TYPE'),
    helps: about('HELP'),
    series,
    value: (name, labels = {}) => {
      const found = series.filter(
        (candidate) =>
          candidate.name === name &&
          Object.entries(labels).every(([label, value]) => candidate.labels[label] === value),
      );
      if (found.length > 1) throw new Error(`${name} has ${found.length} series with these labels`);
      return found[0]?.value;
    },
  };
}

/** `127.0.0.1` with a free port. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

function pair([, key = '', value = '']: RegExpMatchArray): [string, string] {
  return [key, value];
}
