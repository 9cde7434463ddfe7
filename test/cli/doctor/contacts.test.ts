import { contactFingerprint } from '../../../src/temporal/contact-fingerprint';
import { until } from '../../support/until';
import { foundBy, startSetUp, type Finding, type SetUp } from '../support/set-up';

const KEY = 'contact_key_0123456789';
const LIMITS = { TRUEDY_CONTACT_POLICY: '{"perDay":3}', TRUEDY_CONTACT_KEY: KEY };
const OTHERS = { ...LIMITS, TRUEDY_CONTACT_POLICY: '{"perDay":4}' };
const FINGERPRINT = contactFingerprint({ policy: { perDay: 3, timeZone: 'UTC' }, key: KEY });

async function look(setUp: SetUp, change: Readonly<Record<string, string>> = {}) {
  const ran = await setUp.doctor(['-o', 'json', '--no-bridge'], change);
  const finding = foundBy(ran).find(({ check }) => check === 'Contact limits');
  return { exit: ran.exit, mark: 'missing', seen: '', ...finding };
}

/** Workers show up in the list of pollers once they poll. */
function seen(setUp: SetUp, change: Readonly<Record<string, string>>, text: RegExp) {
  return until(async (): Promise<false | (Finding & { exit: number })> => {
    const found = await look(setUp, change);
    return text.test(found.seen) && { check: 'Contact limits', ...found };
  });
}

describe('without a policy', () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await startSetUp();
  });
  afterAll(() => setUp.stop());

  it('the doctor says that the limits are off', async () => {
    expect(await look(setUp)).toMatchObject({ exit: 0, mark: 'ok', seen: 'off; docs/contacts.md' });
  });

  it('the identity of a worker is the usual one', async () => {
    const ran = await setUp.doctor(['-o', 'json', '--no-bridge']);
    const workers = foundBy(ran).find(({ check }) => check === 'Workers');
    expect(workers?.seen).toMatch(/: \d+@\S+$/);
  });

  it('a policy here that no worker has is a failure', async () => {
    const { exit, mark, seen: text, fix } = await look(setUp, LIMITS);
    expect({ exit, mark }).toEqual({ exit: 3, mark: 'failure' });
    expect(text).toBe(
      `TT6007  The contact limits differ: ${FINGERPRINT} here, but the workers have none.`,
    );
    expect(fix).toContain('temporal truedy config show');
  });

  it.each([
    [{ TRUEDY_CONTACT_POLICY: '{}' }, /TRUEDY_CONTACT_KEY is not set/],
    [{ ...LIMITS, TRUEDY_CONTACT_KEY: 'short' }, /TRUEDY_CONTACT_KEY is under 16 characters/],
    [{ ...LIMITS, TRUEDY_CONTACT_POLICY: '{"daily":1}' }, /daily is not a known field/],
  ])('an invalid setting is a failure: %j', async (change, text) => {
    const found = await look(setUp, change);
    expect(found).toMatchObject({ exit: 3, mark: 'failure' });
    expect(found.seen).toMatch(text);
    expect(found.seen).not.toContain('short');
  });
});

describe('with a policy', () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await startSetUp(LIMITS);
  });
  afterAll(() => setUp.stop());

  // In this order: the server lists a stopped worker for minutes, so workers are only added.
  it('the doctor confirms the same limits on every worker', async () => {
    const one = await seen(setUp, LIMITS, /on the worker$/);
    expect(one).toMatchObject({ mark: 'ok', seen: `${FINGERPRINT} here and on the worker` });
    await setUp.addWorker(LIMITS);
    expect((await seen(setUp, LIMITS, /2 workers/)).mark).toBe('ok');
  });

  it('the doctor shows neither the policy nor the key', async () => {
    const { stdout } = await setUp.doctor(['--no-bridge'], LIMITS);
    expect(stdout).toContain(`contacts:${FINGERPRINT}`);
    expect(stdout).not.toContain(KEY);
  });

  it('another policy here is a failure, and none here a warning', async () => {
    expect(await look(setUp, OTHERS)).toMatchObject({ exit: 3, mark: 'failure' });
    const none = await look(setUp);
    expect(none).toMatchObject({ exit: 0, mark: 'warning' });
    expect(none.seen).toContain(`${FINGERPRINT} on the workers, but none here`);
  });

  it('a limit without an effect is a warning', async () => {
    const policy = '{"perDay":3,"perWeek":2}';
    const odd = await startSetUp({ ...LIMITS, TRUEDY_CONTACT_POLICY: policy });
    try {
      const found = await seen(odd, { ...LIMITS, TRUEDY_CONTACT_POLICY: policy }, /perDay/);
      expect(found).toMatchObject({ exit: 0, mark: 'warning' });
      expect(found.seen).toBe('perDay 3 is never reached: perWeek is 2');
    } finally {
      await odd.stop();
    }
  });

  it.each([
    ['none', {}],
    ['another policy', OTHERS],
    ['another key', { ...LIMITS, TRUEDY_CONTACT_KEY: `${KEY}x` }],
  ])('a worker with %s is a failure', async (_, settings) => {
    await setUp.addWorker(settings);
    const contacts =
      'TRUEDY_CONTACT_KEY' in settings
        ? contactFingerprint({
            policy: { perDay: settings === OTHERS ? 4 : 3, timeZone: 'UTC' },
            key: settings.TRUEDY_CONTACT_KEY,
          })
        : 'none';
    const found = await seen(setUp, LIMITS, new RegExp(`${contacts} \\(\\d+@`));
    expect(found).toMatchObject({ exit: 3, mark: 'failure' });
    expect(found.seen).toMatch(/^TT6007 {2}The contact limits of the workers differ: /);
    expect(found.fix).toEqual([expect.stringContaining('then restart them'), 'docs/contacts.md']);
  });
});
