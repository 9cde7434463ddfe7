import { transcriptLines } from '../../../src/cli/call/transcript';

it.each([
  ['none', null, ['  (no transcript)']],
  ['a text', 'Hello\nHi', ['  Hello', '  Hi']],
  ['turns with text', [{ role: 'agent', text: 'Hello' }], ['  agent: Hello']],
  ['turns with content', [{ role: 'user', content: 'Hi' }], ['  user: Hi']],
  ['turns with speakers', [{ speaker: 'user', text: 'Hi' }], ['  user: Hi']],
  ['turns of another shape', [{ who: 1 }], ['  {"who":1}']],
  [
    'a transcript truncated for its size',
    { truncated: true, bytes: 9 },
    ['  {"truncated":true,"bytes":9}'],
  ],
])('prints %s', (_, transcript, lines) => {
  expect(transcriptLines(transcript)).toEqual(lines);
});

it('removes terminal control characters', () => {
  expect(transcriptLines([{ role: 'user', text: 'a\u001b[2Jb\r\nc\u009bd' }])).toEqual([
    '  user: a [2Jb c d',
  ]);
});
