import * as fc from 'fast-check';
import {
  codeSpan,
  cutToBytes,
  escapeMarkdown,
  faultText,
  isWithin,
  maskForeignNumbers,
  maskNumber,
  maskNumbers,
  spanText,
  staticSummary,
} from '../../../src/call/text/masking';

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
  ])('shows of %s its country and its last two digits', (number, masked) => {
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
  ])('shows of %j, which is no number, at most two digits', (text, masked) => {
    expect(maskNumber(text)).toBe(masked);
  });

  it('hides all but the country and two digits', () => {
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
  ])('leaves %s as it is', (text) => {
    expect(maskForeignNumbers(text)).toBe(text);
  });

  it('leaves of a number in any common writing at most its last two digits', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', ' - ', '/', ') ');
    fc.assert(
      fc.property(fc.stringMatching(/^\d{7,15}$/), fc.array(separator), (digits, between) => {
        const written = digits
          .split('')
          .map((digit, at) => digit + (between[at] ?? ''))
          .join('');
        const shown = maskForeignNumbers(`to ${written} today`).replace(/\D/g, '');
        expect(shown.length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe('spanText', () => {
  it.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [4_000, '4 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [119 * 60_000, '119 min'],
    [120 * 60_000, '2 h'],
    [3 * 3_600_000, '3 h'],
    [200 * 60_000, '3 h 20 min'],
    [47 * 3_600_000, '47 h'],
    [48 * 3_600_000, '2 d'],
    [59 * 3_600_000, '2 d 11 h'],
  ])('says %d ms as %s', (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});

describe('staticSummary', () => {
  const call = { phoneNumber: '+14155550101', agentId: 'agent_01hx' };

  it('names masked number, agent and campaign', () => {
    expect(staticSummary({ ...call, campaign: 'spring' })).toBe(
      'Call +1•••01 · agent_01hx · spring',
    );
  });

  it('leaves out a campaign that is none', () => {
    expect(staticSummary(call)).toBe('Call +1•••01 · agent_01hx');
  });

  it.each(['x', '日', '🌸', '<', '\\'])('holds at most 200 bytes of %s', (sign) => {
    const told = { ...call, agentId: sign.repeat(500), campaign: sign.repeat(500) };
    const line = staticSummary(told);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200);
    expect(line.replaceAll(/\\./g, '')).not.toMatch(/\\$/);
  });

  it('leaves out a campaign without a name', () => {
    expect(staticSummary({ ...call, campaign: '' })).toBe('Call +1•••01 · agent_01hx');
  });

  it.each(['', 'a', 'ab'])('cuts no escape in two where the agent begins with %j', (start) => {
    const told = { ...call, agentId: start + '<'.repeat(500), campaign: '<'.repeat(500) };
    const rest = staticSummary(told).replaceAll('\\<', '');
    expect(rest).toBe(`Call +1•••01 · ${start} · `);
  });

  it('stays one line of text, whatever a campaign is called', () => {
    const campaign = 'a\n# [b](http://evil) <img src=x> +14155550102';
    expect(staticSummary({ ...call, campaign })).toBe(
      'Call +1•••01 · agent_01hx · a \\# \\[b\\](http\\://evil) \\<img src=x\\> +1•••02',
    );
  });
});

describe('escapeMarkdown', () => {
  it.each([
    ['<img src=x onerror=alert(1)>', '\\<img src=x onerror=alert(1)\\>'],
    ['**bold** `code`', '\\*\\*bold\\*\\* \\`code\\`'],
    ['[a](http://evil)', '\\[a\\](http\\://evil)'],
    ['www.evil.example', 'www\\.evil.example'],
    ['mailto:a<a href=//evil>', 'mailto\\:a\\<a href=//evil\\>'],
    ['costs $5', 'costs \\$5'],
    ['09:00 to 18:00: open', '09:00 to 18:00\\: open'],
    ['- a', '\\- a'],
    ['12. a', '12\\. a'],
    ['&lt;b&gt; ~~c~~', '\\&lt;b\\&gt; \\~\\~c\\~\\~'],
    ['_no_ no_answer', '\\_no\\_ no_answer'],
    ['a\n# b', 'a \\# b'],
    ['a\r\n\r\n| b', 'a \\| b'],
    ['\\<', '\\\\\\<'],
  ])('takes from %j what would be rendered', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('stays on one line and leaves no sign of markup unescaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\r\n]/);
        expect(escaped.replace(/\\[\\<>`*_[\]|#~&$^{}:.)+-]/g, '')).not.toMatch(
          /[\\<>`*[\]|#~&$^{}]|\D:|:\D/,
        );
      }),
    );
  });
});

describe('faultText', () => {
  it.each([
    ['insufficient_credits', 'no credits at Truedy'],
    ['unauthorized', 'Truedy does not take the API key'],
    ['forbidden', 'Truedy forbids this account the call'],
    ['rate_limited', 'Truedy limits the rate'],
    ['truedy_unreachable', 'Truedy cannot be reached'],
    ['no_phone_number_configured', 'no phone number configured'],
    ['conditions', 'conditions'],
  ] as const)('says %s in plain words', (fault, text) => {
    expect(faultText(fault)).toBe(text);
  });
});

describe('codeSpan', () => {
  it.each([
    ['call_01hx', '`call_01hx`'],
    ['a`b\\c<d>e\nf  g', '`abcdefg`'],
    ['+14155550101', '`+1•••01`'],
    ['', '`?`'],
    ['` `', '`?`'],
  ])('of %j is %s', (text, span) => {
    expect(codeSpan(text)).toBe(span);
  });

  it('holds at most 80 bytes', () => {
    expect(codeSpan('x'.repeat(500))).toBe(`\`${'x'.repeat(80)}\``);
  });
});

describe('cutToBytes', () => {
  // The first and the last code point of each length in UTF-8.
  it.each(['\0', '\x7f', '\x80', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}'])(
    'counts %j as its encoding has bytes',
    (character) => {
      const bytes = Buffer.byteLength(character);
      const text = `${character}a`;
      expect(cutToBytes(text, bytes - 1)).toBe('');
      expect(cutToBytes(text, bytes)).toBe(character);
      expect([isWithin(text, bytes), isWithin(text, bytes + 1)]).toEqual([false, true]);
    },
  );

  it('keeps as many whole characters as fit', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '日', '🌸') });
    fc.assert(
      fc.property(text, fc.nat({ max: 40 }), (whole, most) => {
        const cut = cutToBytes(whole, most);
        const [next = ''] = whole.slice(cut.length);
        expect(whole.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
        expect(next === '' || Buffer.byteLength(cut + next) > most).toBe(true);
      }),
    );
  });
});
