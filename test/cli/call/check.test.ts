import { checkHours } from '../../../src/cli/call/check';
import { command } from '../support/command';

const HOURS = { timeZone: 'Etc/UTC', from: '09:00', to: '18:00' };
const at = (instant: string) => Date.parse(instant);

describe('calling hours', () => {
  it('are open only if they are open in all zones', () => {
    const zones = ['America/New_York', 'America/Los_Angeles'];
    // 09:30 in New York, 06:30 in Los Angeles.
    const answer = checkHours(HOURS, zones, at('2026-11-25T14:30:00Z'));
    expect(answer).toMatchObject({
      allowed: false,
      because: expect.stringContaining(
        '1 of the 2 zones that the number may be in, such as America/Los',
      ),
      nextAt: '2026-11-25T17:00:00.000Z',
    });
    expect(answer.zones.map(({ open }) => open)).toEqual([true, false]);
    expect(checkHours(HOURS, zones, at('2026-11-25T17:00:00Z')).allowed).toBe(true);
  });

  it('can be closed at any time in at least one of the zones', () => {
    const zones = ['Pacific/Auckland', 'Europe/Madrid'];
    const { allowed, nextAt } = checkHours(HOURS, zones, at('2026-11-25T12:00:00Z'));
    expect({ allowed, nextAt }).toEqual({ allowed: false, nextAt: undefined });
  });

  it('are always open if none are set', () => {
    expect(checkHours(undefined, ['Europe/London'], at('2026-11-25T03:00:00Z'))).toMatchObject({
      allowed: true,
      nextAt: '2026-11-25T03:00:00.000Z',
    });
  });
});

describe('check', () => {
  const LONDON = '+442079460101';

  it('exits with 0 if a call is allowed, and prints the possible zones', async () => {
    const { exit, stdout } = await command([
      'check',
      LONDON,
      '--window',
      '00:00-23:59',
      '-o',
      'json',
    ]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      number: '+44•••01',
      allowed: true,
      zones: [{ timeZone: 'Europe/London', open: true }],
    });
  });

  it('exits with 8 outside the calling hours, and prints when they open next', async () => {
    // One minute, on days of the week that do not include today.
    const today = new Date().getUTCDay();
    const day = ((today + 2) % 7) + 1;
    const flags = ['--window', '10:00-10:01', '--days', String(day)];
    const { exit, stdout } = await command(['check', LONDON, ...flags]);
    expect(exit).toBe(8);
    expect(stdout).toMatch(
      /^not now {2}\+44•••01 {2}fixed line\n {2}The current time in Europe\/London is outside the calling hours/,
    );
    expect(stdout).toMatch(/\n {2}next {2}\d{4}-\d\d-\d\dT10:00:00/);
  });

  it.each([
    ['an invalid number', ['(415) 555-0101'], /^TT3003 .*full international/],
    ['a premium number', ['+19005550101'], /^TT3003 .*premium/],
    [
      'an invalid zone',
      [LONDON, '--window', '09:00-18:00', '--time-zone', 'Mars/Olympus'],
      /window\.timeZone/,
    ],
    [
      'a number without a country',
      ['+881600000101', '--allow-kind', 'satellite', '--window', '09:00-18:00'],
      /^TT3006 /,
    ],
  ])('exits with 2: %s', async (_, args, text) => {
    const { exit, stdout, stderr } = await command(['check', ...args]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/555-0101|9005550101|442079460101|881600000101/);
  });
});
