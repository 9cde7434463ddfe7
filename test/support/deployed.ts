import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLAGS } from '../../src/call/api-types';
import {
  ANSWER_LABELS,
  FAILURE_LABELS,
  LEARNED_BY_LABELS,
  LIMIT_LABELS,
  OPEN_PHASES,
  OPT_OUT_SOURCES,
  REPORT_LABELS,
} from '../../src/call/metrics';
import { OUTCOMES } from '../../src/call/outcome';
import { DELIVERY_RESULTS } from '../../src/webhook/receive';
import { HTTP_REFUSAL_REASONS } from '../../src/runtime/http-refusal';

/** The values of each label of ours that has a fixed list. */
export const WORDS: Readonly<Record<string, readonly string[]>> = {
  outcome: OUTCOMES,
  learned_by: LEARNED_BY_LABELS,
  phase: OPEN_PHASES,
  type: FAILURE_LABELS,
  result: DELIVERY_RESULTS,
  reason: HTTP_REFUSAL_REASONS,
  flag: Object.keys(FLAGS),
  answer: ANSWER_LABELS,
  source: OPT_OUT_SOURCES,
  limit: LIMIT_LABELS,
  report: REPORT_LABELS,
};
export const FOLDER = join(__dirname, '../..');
export const alertsText = readFileSync(join(FOLDER, 'deploy/alerts.yml'), 'utf8');
export const alerts = alertsText
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((text) => {
    const [, name = ''] = /^(\w+)$/m.exec(text) ?? [];
    const field = (key: string) => {
      const [, line = ''] = new RegExp(`^ +${key}: (.*)$`, 'm').exec(text) ?? [];
      if (line !== '|') return line.replace(/^(["'])(.*)\1$/, '$2');
      const [, block = ''] = new RegExp(`^ +${key}: \\|\\n((?: {10}.*\\n)+)`, 'm').exec(text) ?? [];
      return block;
    };
    return { name, text, field, expr: field('expr') };
  });
