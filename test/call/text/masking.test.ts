import { isIPv4 } from 'node:net';
import * as fc from 'fast-check';
import { maskForeignNumbers, maskNumber, maskNumbers } from '../../../src/call/text/masking';

describe('maskNumber', () => {
  it.each([
    ['+14155550101', '+1•••01'],
    ['+79161234567', '+7•••67'],
    ['+442079460123', '+44•••23'],
    ['+4930123456', '+49•••56'],
    ['+27821234567', '+27•••67'],
    ['+85221234567', '+852•••67'],
    ['+35312345678', '+353•••78'],
    ['+5511912345678', '+55•••78'],
    ['+50212345678', '+502•••78'],
    ['+6561234567', '+65•••67'],
    ['+67312345678', '+673•••78'],
    ['+919876543210', '+91•••10'],
    ['+96112345678', '+961•••78'],
    ['+4212345678', '+421•••78'],
  ])('shows the country and the last two digits of %s', (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it.each([
    ['14155550101', '•••01'],
    ['+1 415 555 0101', '•••01'],
    ['+12', '•••12'],
    ['', '•••'],
    ['Zoë', '•••'],
    ['Zoë 7', '•••'],
    ['no. 123', '•••23'],
    ['12x', '•••'],
    ['x1', '•••'],
    ['to +14155550101', '•••01'],
    ['+14155550101 x', '•••'],
    ['+1234567890123456', '•••56'],
  ])('shows at most two digits of %j, which is not a number', (text, masked) => {
    expect(maskNumber(text)).toBe(masked);
  });

  it('hides everything but the country and two digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+[1-9]\d{6,14}$/), (number) => {
        const shown = maskNumber(number).replace(/\D/g, '');
        expect(shown.length).toBeLessThanOrEqual(5);
        expect(maskNumber(number)).not.toContain(number.slice(4));
      }),
    );
  });
});

describe('maskNumbers', () => {
  it('masks every number in a text', () => {
    expect(maskNumbers('from +14155550101 to +14155550102, 3 times')).toBe(
      'from +1•••01 to +1•••02, 3 times',
    );
  });
});

describe('maskForeignNumbers', () => {
  it.each([
    ['+14155550101', '+1•••01'],
    ['14155550101', '•••01'],
    ['0014155550101', '•••01'],
    ['call (415) 555-0101 now', 'call •••01 now'],
    ['+1 (415) 555-0101.', '+1•••01.'],
    ['+1 415.555.0101', '+1•••01'],
    ['415/555/0101', '•••01'],
    ['555-0101', '•••01'],
    ['415.555.01.01', '•••01'],
    ['06.12.34.56', '•••56'],
    ['tel:4155550101', 'tel:•••01'],
    ['{"to":"14155550101"}', '{"to":"•••01"}'],
    ['415‑555–0101', '•••01'],
    ['４１５５５５０１０１', '•••'],
    ['14155550101 14155550102', '•••02'],
    ['4111 1111 1111 1111', '•••11'],
    ['on 2026-12-01 4155550101', 'on 2026-12-01 •••01'],
  ])('masks the number in %s', (text, masked) => {
    expect(maskForeignNumbers(text)).toBe(masked);
  });

  it.each([
    '2026-12-01 09:00:00 UTC',
    '2026-12-01T09:00:00.000Z',
    'Mon-Fri 09:00-18:00 America/New_York',
    'after 3 h 20 min, attempt 2 of 3, answered 429',
    'call/order-1234567',
    'call/1234567',
    'default/call/crm-1#12345678',
    'call_01hx9k2v7m3n4p5q6r7s8t9u0v',
    'call_12345678',
    '019a1234-1234-7123-8123-123456789012',
    '12345678-1234-4123-8123-12345678901a',
    'connect ECONNREFUSED 10.120.130.140:7233',
    'costs $5 to $900',
  ])('does not change %s', (text) => {
    expect(maskForeignNumbers(text)).toBe(text);
  });

  it('shows at most two digits of a number in any common notation', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', ' - ', '/', ') ');
    fc.assert(
      fc.property(fc.stringMatching(/^\d{7,15}$/), fc.array(separator), (digits, between) => {
        const written = digits
          .split('')
          .map((digit, at) => digit + (between[at] ?? ''))
          .join('');
        // Digits that look like a date or an IPv4 address are kept on purpose.
        fc.pre(
          !/\d{4}-\d\d-\d\d/.test(written) &&
            ![...written.matchAll(/\d+(?:\.\d+){3}/g)].some(([one]) => isIPv4(one)),
        );
        const shown = maskForeignNumbers(`to ${written} today`).replace(/\D/g, '');
        expect(shown.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});
