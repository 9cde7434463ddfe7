import { randomUUID } from 'node:crypto';
import { inputFor, startRig, type Rig } from '../support/rig';
import { command } from './support/command';

const NUMBER = '+14155550101';

let rig: Rig;
beforeAll(async () => {
  // With this time scale the deadline of an unclear call is a few seconds.
  rig = await startRig({ timeScale: 1_000 });
});
afterAll(() => rig.stop());

it('exits with 7 for an unknown outcome, and prints the next step', async () => {
  await rig.plan({
    numbers: {
      [NUMBER]: {
        post: { kind: 'cut', dials: true },
        listing: { hidden: true },
        webhooks: { events: [] },
      },
    },
  });
  const key = randomUUID();
  await rig.start(inputFor(NUMBER), `call/${key}`);
  const { exit, stdout, stderr } = await command(['result', key]);
  expect(exit).toBe(7);
  expect(stdout).toMatch(/^unknown, 1 attempt, /);
  expect(stderr).toContain(`TT5007  The outcome of call/${key} is unknown: Truedy may have dialed`);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe(`        temporal truedy describe ${key}`);
});
