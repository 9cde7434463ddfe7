import { describeCause } from '../../src/call/placement';

describe('describeCause', () => {
  it.each([
    ['insufficient_credits', 'no credits at Truedy'],
    ['unauthorized', 'Truedy rejected the API key'],
    ['forbidden', 'Truedy does not allow this account to place the call'],
    ['rate_limited', 'rate limited by Truedy'],
    ['truedy_unreachable', 'Truedy is unreachable'],
    ['no_phone_number_configured', 'no phone number configured'],
    ['conditions', 'conditions'],
  ] as const)('describes %s in plain words', (cause, text) => {
    expect(describeCause(cause)).toBe(text);
  });
});
