import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..');

type Rule = readonly [pattern: RegExp, instead: string];

/** Words and phrases this project avoids, each with what to write instead. */
const RULES: readonly Rule[] = [
  [/\bIn short:/, 'start with the point itself'],
  [/\bwho(so)?ever\b/i, 'name the actor'],
  [/\b(nobody|somebody|anybody(?! with\b))\b/i, 'name the actor'],
  [/(?<!\b(have|has|had|as) )\brung\b|\brings? (again|twice|him|them)\b/i, 'called, dialed'],
  [
    /\btold\b|\btells?\b(?! (\w+ )?(apart|from)\b| (whether|if|which)\b)/i,
    'print, report, return, show, contain',
  ],
  [/\bhears?\b(?! you\b)|\bheard\b/i, 'receive, record'],
  [/\bnews\b/i, 'event, report'],
  [/\bwish(es)?\b/i, 'request'],
  [/\b(half a|plain|other|last four|hidden|invisible|control) signs?\b/i, 'character'],
  [/\bblanks?\b/i, 'space, whitespace'],
  [/\bmend(s|ed|ing)?\b|\brepair(s|ed|ing)?\b/i, 'fix'],
  [/\bDo: /, 'Fix:'],
  [/\blets? (us|them|it) in\b/i, 'accept, authenticate'],
  [/\b(is|are|was|were|goes|went|gone) away\b/i, 'is unreachable'],
  [/(?<!['`])\bat once\b/i, 'immediately; at a time'],
  [/\bheld back\b/i, 'not dialed'],
  [/\b(its|the|an|no|ordinary) endings?\b/i, 'result, how the call ended'],
  [/\b(call|run|conversation|it|time) is over\b/i, 'has ended; no further attempts'],
  [/\bstands?\b(?!-in| in for\b| for\b)/i, 'is'],
  [/\bgo(es|ing)? on\b/i, 'continue'],
  [/\bin silence\b/i, 'silently'],
  [/\banew\b/i, 'again'],
  [/\b(mis)?spelt\b/i, 'spelled, misspelled'],
  [/\bin earnest\b/i, 'in production'],
  [/\bsummer time\b/i, 'daylight saving time'],
  [/\bas good as\b|\ball the same\b/i, 'say what it is'],
  [/(?<!\bthere )\bis (no (?!longer\b|such\b|more than\b)|none\b)/i, 'is not a …; is missing'],
  [/\b(colour|honour|behaviour|favour|licence|dialler|redialled|signalled)/i, 'American spelling'],
];

/** What users read calls the vendor by its name. The code may say "vendor". */
const RULES_FOR_USERS: readonly Rule[] = [...RULES, [/(?<!`)\bvendors?\b/i, 'Truedy']];

const COVERED =
  /^(src\/.+\.ts|scripts\/.+|docs\/.+\.md|deploy\/.+|(README|CONTRIBUTING)\.md|\.env\.example)$/;

it.each(filesOf(COVERED))('%s is written in plain English', (path) => {
  const rules = /^(src|scripts)\//.test(path) ? RULES : RULES_FOR_USERS;
  const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
  const found = lines.flatMap((line, index) =>
    rules.flatMap(([pattern, instead]) => {
      const [words] = pattern.exec(line) ?? [];
      return words === undefined ? [] : [`${path}:${index + 1}: "${words}" → ${instead}`];
    }),
  );
  expect(found).toEqual([]);
});

function filesOf(pattern: RegExp): readonly string[] {
  const listed = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' });
  return listed.split('\n').filter((path) => pattern.test(path) && !path.endsWith('.json'));
}
