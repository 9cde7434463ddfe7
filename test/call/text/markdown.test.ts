import * as fc from 'fast-check';
import { codeSpan, escapeMarkdown } from '../../../src/call/text/markdown';

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
  ])('escapes %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it('stays on one line and escapes all markup', () => {
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

  it('takes at most 80 bytes', () => {
    expect(codeSpan('x'.repeat(500))).toBe(`\`${'x'.repeat(80)}\``);
  });
});
