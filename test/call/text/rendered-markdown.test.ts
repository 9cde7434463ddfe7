import * as fc from 'fast-check';
import { codeSpan, escapeMarkdown } from '../../../src/call/text/markdown';
import { staticSummary } from '../../../src/call/text/current-details';
import { startDevServer, type DevServer } from '../../../src/testing/dev-server/dev-server';

// The Temporal UI renders summaries and details on its server, so tests can request the rendered text.
let server: DevServer;

beforeAll(async () => {
  server = await startDevServer({ attach: false, ui: true });
});

afterAll(() => server.stop());

async function rendered(markdown: string): Promise<string> {
  const url = `${server.uiAddress}/render?content=${encodeURIComponent(markdown)}`;
  const page = await (await fetch(url)).text();
  return page.slice(page.indexOf('<main>'), page.indexOf('</main>'));
}

/** Ignores fractions such as 1/2 and the ids of headings, which the renderer adds to plain text. */
async function tagsOf(markdown: string): Promise<readonly string[]> {
  const tags = (await rendered(markdown)).match(/<[^>]*>/g) ?? [];
  return tags
    .filter((tag) => !/^<\/?su[bp]>$/.test(tag))
    .map((tag) => tag.replace(/ id="[\w-]*"/, ''));
}

/** Where untrusted text appears on the page. */
const PLACES = {
  'a line': (text: string) => text,
  'the middle of a line': (text: string) => `- reason ${text}, placed`,
  'a list item': (text: string) => `- ${text}`,
  'the end of a heading': (text: string) => `### Held: ${text}\n\nLine`,
};

const MARKUP = [
  'mailto:',
  'http://',
  'https://',
  'ftp://',
  '//',
  'www.',
  'evil.example',
  '<a href=//evil.example>',
  '<img src=x>',
  '&lt;',
  '&#58;',
  '&colon;',
  '\\(',
  '\\[',
  '$$',
  '1.',
  '1)',
  '- ',
  '+ ',
  ': ',
  '^[',
  '[^1]',
  '![',
  '](',
  '{#id}',
  '```',
  '~~',
  '==',
  '--',
  '\n',
  '\n\n',
  '\t',
  '    ',
  ...'\\`*_[]()#+-.!|$~&<>{}^="\'@:%/?, ab1Z'.split(''),
];

const text = fc.oneof(
  fc.array(fc.constantFrom(...MARKUP), { minLength: 1, maxLength: 12 }).map((all) => all.join('')),
  fc.string({ minLength: 1 }),
);

describe('untrusted text on the page of the Temporal UI', () => {
  it.each(Object.entries(PLACES))('renders as plain text in %s', async (_, placed) => {
    const plain = await tagsOf(placed('x'));
    await fc.assert(
      fc.asyncProperty(text, async (foreign) => {
        fc.pre(foreign.trim() !== '');
        expect(await tagsOf(placed(escapeMarkdown(foreign)))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it('renders as one code span', async () => {
    const plain = await tagsOf(`- call ${codeSpan('x')}, agent`);
    await fc.assert(
      fc.asyncProperty(text, async (foreign) => {
        expect(await tagsOf(`- call ${codeSpan(foreign)}, agent`)).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it('renders as a summary without markup', async () => {
    const call = { phoneNumber: '+14155550101' };
    const plain = await tagsOf(staticSummary({ ...call, agentId: 'x', campaign: 'x' }));
    await fc.assert(
      fc.asyncProperty(text, text, async (agentId, campaign) => {
        expect(await tagsOf(staticSummary({ ...call, agentId, campaign }))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'mailto:a<a href=//evil.example>',
    'opens at 09:00, see https://evil.example/?a=b&c=d',
    'costs $5 to $9',
    'write to help@truedy.example',
    'agent_1 said: no_answer',
    '1. first',
    '- first',
  ])('renders unchanged: %s', async (foreign) => {
    const shown = (await rendered(escapeMarkdown(foreign)))
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(shown.trim()).toBe(foreign);
  });
});
