import { accessSync, constants } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { chromium, type Page } from 'playwright-core';
import { isOpen } from '../src/activities/calling-window';
import type { OutboundCallInput } from '../src/call/input';
import type { Phase } from '../src/call/api-types';
import { startCall } from '../src/cli/call/start';
import { startDevServer } from '../src/testing/dev-server/dev-server';
import { inputFor, startRig, until, type Rig } from '../test/support/rig';

/**
 * The pictures of docs/temporal-ui.md, taken in a real browser of a real server: `npm run screenshots`.
 *
 * Before each picture the page must show the words it is for; where it does not, nothing is saved and the exit is 1.
 */
const FOLDER = join(__dirname, '../docs/images');
const MOST_BYTES = 250_000;
const WAIT_MS = 30_000;

interface Shot {
  readonly file: string;
  readonly path: string;
  /** What has to be read on the page. */
  readonly shows: readonly (string | RegExp)[];
  readonly width?: number;
  readonly height?: number;
  /** What a person does first. */
  readonly prepare?: (page: Page) => Promise<void>;
}

async function main(): Promise<void> {
  const executablePath = findChromium();
  const undo: (() => Promise<void>)[] = [];
  try {
    const server = await startDevServer({ attach: false, ui: true, say });
    undo.push(server.stop);
    process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'] = server.address;
    // Waits are those of every day, calls live fast.
    const rig = await startRig({ timeScale: 1, taskQueue: 'truedy-calls' });
    undo.push(rig.stop);
    const { shots, evilPath } = await setTheStage(rig);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    undo.push(() => browser.close());
    const context = await browser.newContext({
      baseURL: `${server.uiAddress ?? ''}/namespaces/${server.namespace}/`,
      timezoneId: 'UTC',
    });
    await context.addInitScript(showColumns(server.namespace));
    await mkdir(FOLDER, { recursive: true });
    for (const shot of shots) await take(await context.newPage(), shot);
    await seePlainText(await context.newPage(), evilPath);
  } finally {
    for (const stop of undo.reverse()) await stop().catch((error: unknown) => say(String(error)));
  }
}

async function take(page: Page, shot: Shot): Promise<void> {
  const { file, path, shows, prepare, width = 1280, height = 800 } = shot;
  await page.setViewportSize({ width, height });
  await page.goto(path);
  await prepare?.(page);
  for (const words of shows) await see(page, file, words);
  const target = join(FOLDER, file);
  await page.screenshot({ path: target });
  const { size } = await stat(target);
  if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, over ${MOST_BYTES}`);
  say(`docs/images/${file}  ${Math.round(size / 1000)} kB`);
  await page.close();
}

/** Waits until the words are on the page, or in one of the frames in which the UI renders Markdown. */
async function see(page: Page, file: string, words: string | RegExp): Promise<void> {
  const frames = [0, 1, 2].map((index) => page.frameLocator('iframe').nth(index));
  const places = [page.locator('body'), ...frames.map((frame) => frame.locator('body'))];
  const looks = places.map((place) =>
    place.getByText(words).first().waitFor({ state: 'visible', timeout: WAIT_MS }),
  );
  await Promise.any(looks).catch(async () => {
    throw new Error(`${file}: the page does not show ${String(words)}`);
  });
}

const EVIL = '<img src=x> [a](http://b.de) https://b.de www.b.de &lt; **b**';

/** What others called a campaign is text on the page, and no markup. */
async function seePlainText(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await see(page, 'a page with markup of others', `campaign ${EVIL}`);
  await see(page, 'a summary with markup of others', `agent_01hx · ${EVIL}`);
  for (const frame of page.frames().slice(1)) {
    const made = await frame.locator('img, a, script').count();
    if (made > 0) throw new Error('Text of others became an element of the page');
  }
  await page.close();
}

/** The list's columns, as a person chooses them by "Configure Columns": a script for the browser. */
function showColumns(namespace: string): string {
  const pinned = ['Status', 'Workflow ID'].map((label) => ({ label, pinned: true }));
  const others = ['TruedyOutcome', 'TruedyPhase', 'TruedyAttempt', 'TruedyCampaign', 'Start'];
  const columns = [...pinned, ...others.map((label) => ({ label, pinned: false }))];
  const stored = JSON.stringify(JSON.stringify({ [namespace]: columns }));
  return `localStorage.setItem('namespace-workflow-table-columns', ${stored})`;
}

/** Brings runs to where each of the pictures needs them. */
async function setTheStage(rig: Rig): Promise<{ shots: Shot[]; evilPath: string }> {
  await rig.plan({
    defaults: { webhooks: { events: ['call.ended'] } },
    numbers: {
      '+14155550150': { phone: 'stuck_in_progress', webhooks: { events: ['call.joined'] } },
      '+14155550151': { post: { kind: 'cut', dials: false } },
      '+14155550152': {
        post: { kind: 'answer', status: 402, code: 'insufficient_credits', dials: false },
      },
    },
  });
  const begin = async (key: string, phone: string, rest: Partial<OutboundCallInput> = {}) => {
    const input = inputFor(phone, { labels: { campaign: 'spring' }, ...rest });
    const call = { ...input.call, agent_id: 'agent_01hx' };
    const options = { taskQueue: rig.taskQueue };
    return (await startCall(rig.client, `call/${key}`, { ...input, call }, options)).handle;
  };
  const standing = async (phase: Phase, handle: WorkflowHandle) => {
    await until(async () => (await rig.view(handle)).phase === phase);
    const { runId } = await handle.describe();
    return `workflows/${encodeURIComponent(handle.workflowId)}/${runId}`;
  };
  const ended = ['+14155550100', '+14155550101', '+14155550102', '+14155550106', '+14155550104'];
  for (const [index, phone] of ended.entries()) {
    await standing('ended', await begin(`order-46${String(index).padStart(2, '0')}`, phone));
  }
  const redial = { maxAttempts: 3, after: { no_answer: ['30m'], busy: ['15m'] } };
  const conversation = await begin('order-4710', '+14155550116', { redial });
  for (const attempt of [2, 3]) {
    await until(async () => {
      const { phase, attempt: now } = await rig.view(conversation);
      return phase === 'redial_wait' && now === attempt;
    });
    await conversation.executeUpdate('redialNow');
  }
  const inTwoDays = new Date(Date.now() + 48 * 3_600_000).toISOString();
  const runs = {
    conversation: await standing('ended', conversation),
    waiting: await standing(
      'waiting',
      await begin('order-4711', '+14155550123', { redial, window: closed() }),
    ),
    in_progress: await standing('in_progress', await begin('order-4712', '+14155550150')),
    unclear: await standing('unclear', await begin('order-4713', '+14155550151')),
    held: await standing(
      'held',
      await begin('order-4714', '+14155550152', { expiresAt: inTwoDays }),
    ),
  };
  const details = (name: keyof typeof runs, heading: string, ...rest: string[]): Shot => ({
    file: `${name.replace('_', '-')}.png`,
    path: `${runs[name]}/user-metadata`,
    height: 1040,
    shows: [heading, 'Call +1•••', 'You can:', /As of \d{4}-\d\d-\d\d .* UTC/, ...rest],
  });
  const query = encodeURIComponent('TruedyOutcome="answered"');
  const shots: Shot[] = [
    {
      file: 'list.png',
      path: `workflows?query=${query}`,
      shows: ['call/order-4600', 'call/order-4601', 'call/order-4710', 'TruedyPhase', 'spring'],
    },
    {
      file: 'compact.png',
      path: `${runs.conversation}/history`,
      shows: [
        'Ascending',
        'Wait for webhook (grace 5 min)',
        'Redial 2 of 3 after no_answer',
        'Redial 3 of 3 after busy',
        'Place call, attempt 3 of 3',
      ],
      width: 1560,
      height: 760,
      prepare: async (page) => {
        await page.getByText('Compact').first().click();
        const heading = page.getByRole('heading', { name: 'Event History' });
        await page.getByRole('button', { name: 'Descending' }).click();
        await heading.evaluate((element) => {
          element.style.scrollMarginTop = '64px';
          element.scrollIntoView();
        });
      },
    },
    details('waiting', 'Waiting: outside calling hours', 'Calling hours'),
    details('in_progress', 'In progress: a person is on the line', 'Truedy has no hang-up'),
    details('unclear', 'Unclear: the phone may have rung', 'Open until'),
    details('held', 'Held: no credits at Truedy', 'Expires'),
  ];
  const evil = await begin('order-4799', '+14155550101', {
    labels: { campaign: EVIL },
    notBefore: inTwoDays,
  });
  return { shots, evilPath: `${await standing('waiting', evil)}/user-metadata` };
}

const DAY = { from: '09:00', to: '18:00' };

/** Office hours at a place where they are not now. */
function closed() {
  const zones = ['America/New_York', 'Asia/Tokyo', 'Europe/Berlin'];
  const days = [1, 2, 3, 4, 5];
  const windows = zones.map((timeZone) => ({ timeZone, days, ...DAY }));
  return (
    windows.find((window) => !isOpen(window, Date.now())) ?? { ...DAY, timeZone: 'UTC', days: [7] }
  );
}

function findChromium(): string {
  const named = process.env['CHROMIUM_PATH'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const tried = named ? [named] : folders.map((folder) => join(folder, 'chromium'));
  const found = tried.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    named
      ? `CHROMIUM_PATH is ${named}, which cannot be run`
      : 'No chromium on the PATH, and CHROMIUM_PATH names none: install it, such as by apt-get install chromium',
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
