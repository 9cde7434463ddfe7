import { randomUUID } from 'node:crypto';
import { inputFor, startRig, type Rig } from '../support/rig';
import { command } from './support/command';

const NUMBER = '+14155550101';

let rig: Rig;
beforeAll(async () => {
  // The deadline of an unclear call comes within seconds.
  rig = await startRig({ timeScale: 1_000 });
});
afterAll(() => rig.stop());

it('an unknown outcome leaves with 7, and is told with what to do', async () => {
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
