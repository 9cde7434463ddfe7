import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from '../support/rig';
import { begin, run, untilPrinted } from '../cli/support/run';

const MARK = 'DEMO_TEST_MARK';

/** Starts the demo with its own server. Each of its processes has the mark in its environment. */
function beginDemo() {
  const mark = `${MARK}=${randomUUID()}`;
  const [name = '', value] = mark.split('=');
  // The demo must not use the addresses of the user's own worker.
  const others = { METRICS_ADDRESS: 'taken', HEALTH_PORT: 'taken' };
  const demo = begin(['demo', '--fast'], { ...others, [name]: value });
  return { ...demo, left: () => processesWith(mark) };
}

async function processesWith(mark: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,args='], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split('\n').filter((line) => line.includes(mark));
}

it('plays three calls with one dial each, and leaves nothing running', async () => {
  const demo = beginDemo();
  const { exit, stdout, stderr } = await demo.ran;
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout.trim().split('\n').at(-1)).toMatch(
    /^Done in \d+ s: 3 calls, 3 dials, 0 duplicates$/,
  );
  expect([...stdout.matchAll(/✓ answered +A (\w+)/g)].map(([, source]) => source)).toEqual([
    'webhook',
    'poll',
    'webhook',
  ]);
  // The second call gets no webhooks. The others show each step, however slow the machine is.
  for (const [text, times] of [
    ['placing', 3],
    ['queued', 3],
    ['ringing', 2],
    ['in_progress', 2],
  ] as const) {
    expect(stdout.match(new RegExp(`^ +[\\d.]+s  ${text} `, 'gm'))).toHaveLength(times);
  }
  expect(stdout).toMatch(/✗ worker +killed \(SIGKILL\)/);
  expect(stdout).not.toContain('+14155550');
  await until(async () => (await demo.left()).length === 0);
}, 60_000);

it.each([
  ['starts its server', 'SIGINT', /truedy \+ temporal demo/],
  ['starts its bridge', 'SIGTERM', /✓ Temporal/],
  ['starts its worker', 'SIGINT', /✓ Webhooks/],
  ['plays', 'SIGINT', /ringing/],
] as const)('leaves nothing running if interrupted when it %s', async (_, signal, pattern) => {
  const demo = beginDemo();
  await untilPrinted(demo, pattern);
  expect(await demo.left()).not.toEqual([]);
  demo.child.kill(signal);
  const [exit] = await once(demo.child, 'exit');
  expect(exit).toBe(130);
  await until(async () => (await demo.left()).length === 0);
});

it.each([
  ['starts its worker', /✓ Webhooks/],
  ['plays', /ringing/],
])('leaves nothing running if killed when it %s', async (_, pattern) => {
  const demo = beginDemo();
  await untilPrinted(demo, pattern);
  expect(await demo.left()).not.toEqual([]);
  demo.child.kill('SIGKILL');
  await until(async () => (await demo.left()).length === 0);
});

it('does not run on another machine without --yes', async () => {
  const { exit, stderr } = await run(['demo', '--fast'], { TEMPORAL_ADDRESS: 'prod.example:7233' });
  expect(exit).toBe(2);
  expect(stderr).toMatch(/^TT3005 {2}Temporal at prod\.example:7233 /);
});
