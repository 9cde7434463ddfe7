import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unknownSettings } from '../src/runtime/list-settings';
import { SEARCH_ATTRIBUTES } from '../src/workflows/search-attributes';
import { shutdownGraceMs } from '../src/workers/create';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const compose = read('deploy/compose.yml');
const worker = read('deploy/kubernetes/worker.yaml');
const bridge = read('deploy/kubernetes/bridge.yaml');
const kustomization = read('deploy/kubernetes/kustomization.yaml');
const dockerfile = read('deploy/Dockerfile');

/** What a pattern captures, for each match. These files are simple enough to do without a parser. */
function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

/** One service of the compose file. */
function service(name: string): string {
  return new RegExp(`^  ${name}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(compose)?.[1] ?? '';
}

/** The settings that a file sets, in any of its formats. */
function settingsIn(text: string): string[] {
  return [
    ...all(text, /^ +([A-Z][A-Z_]+): /gm),
    ...all(text, /^ +- name: ([A-Z][A-Z_]+)$/gm),
    ...all(text, /^ +- ([A-Z][A-Z_]+)=/gm),
  ];
}

describe('the image', () => {
  const copied = all(dockerfile, /^COPY (?!--from)(.+) \S+$/gm).flatMap((paths) =>
    paths.split(' '),
  );

  it('copies only existing paths', () => {
    expect(copied).toContain('src');
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('shows the builder only these paths', () => {
    const [first, ...allowed] = all(read('.dockerignore'), /^([^#\s].*)$/gm);
    expect(first).toBe('*');
    expect(allowed.map((line) => line.replace(/^!/, '')).sort()).toEqual(
      [...new Set(copied)].sort(),
    );
  });

  const run = all([dockerfile, compose, worker, bridge].join('\n'), /\b(dist\/[\w/]+\.js)\b/g);

  it.each([...new Set(run)])('can run %s', (path) => {
    expect(existsSync(join(ROOT, path.replace('dist', 'src').replace('.js', '.ts')))).toBe(true);
  });

  it('runs as a numeric user other than root, and stops on SIGTERM', () => {
    expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
    expect(dockerfile).toMatch(/^CMD \["node", "dist\/worker\.js"\]$/m);
  });
});

describe('the grace period of a worker', () => {
  it.each([
    ['Kubernetes', worker, /^ +terminationGracePeriodSeconds: (\d+)$/gm],
    ['compose', service('worker'), /^ +stop_grace_period: (\d+)s$/gm],
  ])('is longer in %s than the wait for a request that dials', (_, text, pattern) => {
    expect(all(text, pattern)).toHaveLength(1);
    expect(Number(all(text, pattern)[0]) * 1_000).toBeGreaterThan(shutdownGraceMs(1));
  });
});

describe('the settings in deploy/', () => {
  const known = new Set(all(read('.env.example'), /^#?([A-Z][A-Z_]+)=/gm));
  const files = { compose, worker, bridge, kustomization };

  it.each(Object.entries(files))('of %s are all described in .env.example', (_, text) => {
    expect(settingsIn(text)).not.toEqual([]);
    expect(settingsIn(text).filter((name) => !known.has(name))).toEqual([]);
  });

  it('are all read by the program', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => read(join('src', path)))
      .join('\n');
    expect([...known].filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
    expect(unknownSettings(Object.fromEntries([...known].map((name) => [name, 'x'])))).toEqual([]);
  });

  it('give the key only to the worker and the secrets only to the bridge', () => {
    const given = (text: string) => [
      settingsIn(text).includes('TRUEDY_API_KEY'),
      settingsIn(text).includes('TRUEDY_WEBHOOK_SECRETS'),
    ];
    expect([given(worker), given(service('worker'))]).toEqual([
      [true, false],
      [true, false],
    ]);
    expect([given(bridge), given(service('bridge'))]).toEqual([
      [false, true],
      [false, true],
    ]);
  });

  it('contain no secret: each is referenced, or comes from the environment', () => {
    const SECRET = /(KEY|SECRETS?)$/;
    for (const text of [worker, bridge]) {
      const secrets = settingsIn(text).filter((name) => SECRET.test(name));
      expect(all(text, /^ +key: (\S+)$/gm)).toEqual(secrets);
    }
    const values = all(compose, /^ +[A-Z_]+(?:KEY|SECRETS?): (.*)$/gm);
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((value) => !/^\$\{[A-Z_]+:\?.*\}$/.test(value))).toEqual([]);
  });
});

describe('what compose starts', () => {
  it('can be reached only from this machine', () => {
    const ports = all(compose, /^ +- '?([\d.:]*:\d+)'?$/gm);
    expect(ports).toHaveLength(4);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('has all search attributes', () => {
    expect(all(compose, /--search-attribute=(\w+)=/g)).toEqual(
      SEARCH_ATTRIBUTES.map(({ name }) => name),
    );
  });
});

describe('a pod', () => {
  it.each([
    ['worker', worker],
    ['bridge', bridge],
  ])('of the %s is not root, writes nothing and has probes', (_, text) => {
    for (const line of [
      'runAsNonRoot: true',
      'readOnlyRootFilesystem: true',
      'allowPrivilegeEscalation: false',
      'drop: [ALL]',
      'automountServiceAccountToken: false',
      'enableServiceLinks: false',
    ]) {
      expect(text).toContain(line);
    }
    expect(all(text, /^ +path: (\S+)$/gm)).toEqual(['/livez', '/livez', '/readyz']);
    // The kubelet connects to the pod's address, and the probes must not be on the public port.
    expect(text).toMatch(/- name: HEALTH_HOST\n +value: 0\.0\.0\.0\n/);
    expect(all(text, /path: \/\w+\n +port: (\w+)$/gm)).toEqual(['health', 'health', 'health']);
    const [port] = all(text, /- name: HEALTH_PORT\n +value: '(\d+)'$/gm);
    expect(all(text, /- name: health\n +containerPort: (\d+)$/gm)).toEqual([port]);
  });

  it('of worker and bridge has its own Temporal key', () => {
    const secrets = [worker, bridge].map((text) =>
      all(text, /name: TEMPORAL_API_KEY\n +valueFrom:\n +secretKeyRef:\n +name: (\S+)$/gm),
    );
    expect(secrets).toEqual([
      ['temporal-truedy-worker-temporal'],
      ['temporal-truedy-bridge-temporal'],
    ]);
    for (const [name = ''] of secrets) expect(read('docs/deploy.md')).toContain(` ${name} `);
  });

  it.each(['worker', 'bridge'])('of the %s has a policy for all its connections', (name) => {
    const policies = read('deploy/kubernetes/network-policy.yaml').split('---\n');
    const [policy = '', ...others] = policies.filter((text) =>
      text.includes(`app.kubernetes.io/component: ${name}\n`),
    );
    expect(others).toEqual([]);
    expect(policy).toContain('policyTypes: [Ingress, Egress]');
    expect(kustomization).toContain('- network-policy.yaml\n');
  });
});
