import { readEnvironment } from '../../src/simulator/environment';

describe('readEnvironment', () => {
  it('fills in defaults, and borrows key and secret from the other processes', () => {
    const env = { TRUEDY_API_KEY: 'truedy_a', TRUEDY_WEBHOOK_SECRETS: 'whsec_new, whsec_old' };
    expect(readEnvironment(env)).toEqual({
      settings: {
        port: 8788,
        webhookUrl: 'http://127.0.0.1:8787/webhooks/truedy',
        webhookSecret: 'whsec_new',
        apiKey: 'truedy_a',
        ledgerPath: undefined,
        speed: 1,
      },
    });
  });

  it('sends no webhooks where their address is empty, and needs no secret then', () => {
    expect(readEnvironment({ SIMULATOR_WEBHOOK_URL: '' })).toMatchObject({
      settings: { webhookUrl: undefined },
    });
  });

  it('names every fault, and never a value', () => {
    const read = readEnvironment({
      SIMULATOR_PORT: '99999',
      SIMULATOR_SPEED: '-1',
      SIMULATOR_WEBHOOK_URL: 'ftp://hidden',
    });
    expect(read).toEqual({
      faults: [
        expect.stringMatching(/^SIMULATOR_PORT /),
        expect.stringMatching(/^SIMULATOR_WEBHOOK_URL /),
        expect.stringMatching(/^SIMULATOR_SPEED /),
      ],
    });
    expect(JSON.stringify(read)).not.toMatch(/99999"|hidden/);
  });
});
