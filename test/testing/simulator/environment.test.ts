import { readSimulatorConfig } from '../../../src/testing/simulator/environment';

describe('readSimulatorConfig', () => {
  it('applies defaults, and uses the key and secret of the other processes', () => {
    const env = { TRUEDY_API_KEY: 'truedy_a', TRUEDY_WEBHOOK_SECRETS: 'whsec_new, whsec_old' };
    expect(readSimulatorConfig(env)).toEqual({
      host: '127.0.0.1',
      port: 8788,
      webhookUrl: 'http://127.0.0.1:8787/webhooks/truedy',
      webhookSecret: 'whsec_new',
      events: ['call.ended', 'call.failed'],
      apiKey: 'truedy_a',
      ledgerPath: undefined,
      speed: 1,
    });
  });

  it('sends no webhooks with an empty address, and then needs no secret', () => {
    expect(readSimulatorConfig({ SIMULATOR_WEBHOOK_URL: '' })).toMatchObject({
      webhookUrl: undefined,
    });
  });

  it('treats any other empty variable as unset', () => {
    const empty = Object.fromEntries(
      ['HOST', 'PORT', 'WEBHOOK_SECRET', 'EVENTS', 'API_KEY', 'LEDGER', 'SPEED'].map((name) => [
        `SIMULATOR_${name}`,
        '',
      ]),
    );
    const env = { TRUEDY_API_KEY: 'truedy_a', TRUEDY_WEBHOOK_SECRETS: 'whsec_new' };
    expect(readSimulatorConfig({ ...env, ...empty })).toEqual(readSimulatorConfig(env));
  });

  it('names every problem, but no value', () => {
    const env = {
      SIMULATOR_PORT: '99999',
      SIMULATOR_EVENTS: 'call.dropped',
      SIMULATOR_SPEED: '-1',
      SIMULATOR_WEBHOOK_URL: 'ftp://hidden',
    };
    const read = () => readSimulatorConfig(env);
    expect(read).toThrow(
      /^TT2001 {2}4 settings are wrong: SIMULATOR_PORT .*SIMULATOR_WEBHOOK_URL .*SIMULATOR_EVENTS.*SIMULATOR_SPEED /,
    );
    expect(read).not.toThrow(/99999|hidden/);
  });

  it('requires a secret to sign webhooks', () => {
    expect(() => readSimulatorConfig({})).toThrow(/1 setting is wrong: SIMULATOR_WEBHOOK_SECRET /);
  });
});
