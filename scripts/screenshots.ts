import { accessSync, constants } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { chromium, type Page } from 'playwright-core';
import { isOpen } from '../src/activities/calling-window';
import type { OutboundCallInput } from '../src/call/input';
import type { Phase } from '../src/call/phase';
import { startOrFind } from '../src/client/start-call';
import { startDevServer } from '../src/testing/dev-server/dev-server';
import { inputFor, startRig, until, type Rig } from '../test/support/rig';

/**
 * Takes the pictures of docs/temporal-ui.md with a real browser and a real server: `npm run screenshots`.
 *
 * Each page must show the expected text before its picture is taken. Otherwise nothing is saved and the exit code is 1.
 */
const FOLDER = join(__dirname, '../docs/images');
const MAX_BYTES = 250_000;
const WAIT_MS = 30_000;

interface Shot {
  readonly file: string;
  readonly path: string;
  /** Text that the page must show. */
  readonly shows: readonly (string | RegExp)[];
  readonly width?: number;
  readonly height?: number;
  /** Interaction before the picture. */
  readonly prepare?: (page: Page) => Promise<void>;
}

async function main(): Promise<void> {
  const executablePath = findChromium();
  const undo: (() => Promise<void>)[] = [];
  try {
    const server = await startDevServer({ attach: false, ui: true, say: print });
    undo.push(server.stop);
    process.env['TRUEDY_TEST_TEMPORAL_ADDRESS'] = server.address;
    // Waits have their real durations; the simulator's calls are short.
    const rig = await startRig({ timeScale: 1, taskQueue: 'truedy-calls' });
    undo.push(rig.stop);
    const { shots, markupPath } = await startCalls(rig);
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    undo.push(() => browser.close());
    const context = await browser.newContext({
      baseURL: `${server.uiAddress ?? ''}/namespaces/${server.namespace}/`,
      timezoneId: 'UTC',
    });
    await context.addInitScript(showColumns(server.namespace));
    await mkdir(FOLDER, { recursive: true });
    for (const shot of shots) await take(await context.newPage(), shot);
    await expectPlainText(await context.newPage(), markupPath);
  } finally {
    for (const stop of undo.reverse()) await stop().catch((error: unknown) => print(String(error)));
  }
}

async function take(page: Page, shot: Shot): Promise<void> {
  const { file, path, shows, prepare, width = 1280, height = 800 } = shot;
  await page.setViewportSize({ width, height });
  await page.goto(path);
  await prepare?.(page);
  for (const text of shows) await expectText(page, file, text);
  const target = join(FOLDER, file);
  await page.screenshot({ path: target });
  const { size } = await stat(target);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes, over ${MAX_BYTES}`);
  print(`docs/images/${file}  ${Math.round(size / 1000)} kB`);
  await page.close();
}

/** Waits until the text is on the page, or in one of the frames in which the UI renders Markdown. */
async function expectText(page: Page, file: string, text: string | RegExp): Promise<void> {
  const frames = [0, 1, 2].map((index) => page.frameLocator('iframe').nth(index));
  const places = [page.locator('body'), ...frames.map((frame) => frame.locator('body'))];
  const matches = places.map((place) =>
    place.getByText(text).first().waitFor({ state: 'visible', timeout: WAIT_MS }),
  );
  await Promise.any(matches).catch(async () => {
    throw new Error(`${file}: the page does not show ${String(text)}`);
  });
}

const MARKUP = '<img src=x> [a](http://b.de) https://b.de www.b.de &lt; **b**';

/** Checks that markup in the name of a campaign is shown as text. */
async function expectPlainText(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expectText(page, 'a page with markup in a label', `campaign ${MARKUP}`);
  await expectText(page, 'a summary with markup in a label', `agent_01hx · ${MARKUP}`);
  for (const frame of page.frames().slice(1)) {
    const made = await frame.locator('img, a, script').count();
    if (made > 0) throw new Error('Markup in a label was rendered as an element of the page');
  }
  await page.close();
}

/** A browser script that selects the list's columns, as "Configure Columns" does. */
function showColumns(namespace: string): string {
  const pinned = ['Status', 'Workflow ID'].map((label) => ({ label, pinned: true }));
  const others = ['TruedyOutcome', 'TruedyPhase', 'TruedyAttempt', 'TruedyCampaign', 'Start'];
  const columns = [...pinned, ...others.map((label) => ({ label, pinned: false }))];
  const stored = JSON.stringify(JSON.stringify({ [namespace]: columns }));
  return `localStorage.setItem('namespace-workflow-table-columns', ${stored})`;
}

/** Starts the calls and brings each to the phase that its picture shows. */
async function startCalls(rig: Rig): Promise<{ shots: Shot[]; markupPath: string }> {
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
    return (await startOrFind(rig.client, `call/${key}`, { ...input, call }, options)).handle;
  };
  const reach = async (phase: Phase, handle: WorkflowHandle) => {
    await until(async () => (await rig.view(handle)).phase === phase);
    const { runId } = await handle.describe();
    return `workflows/${encodeURIComponent(handle.workflowId)}/${runId}`;
  };
  const ended = ['+14155550100', '+14155550101', '+14155550102', '+14155550106', '+14155550104'];
  for (const [index, phone] of ended.entries()) {
    await reach('ended', await begin(`order-46${String(index).padStart(2, '0')}`, phone));
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
    conversation: await reach('ended', conversation),
    waiting: await reach(
      'waiting',
      await begin('order-4711', '+14155550123', { redial, window: closed() }),
    ),
    in_progress: await reach('in_progress', await begin('order-4712', '+14155550150')),
    unclear: await reach('unclear', await begin('order-4713', '+14155550151')),
    held: await reach('held', await begin('order-4714', '+14155550152', { expiresAt: inTwoDays })),
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
  const markup = await begin('order-4799', '+14155550101', {
    labels: { campaign: MARKUP },
    notBefore: inTwoDays,
  });
  return { shots, markupPath: `${await reach('waiting', markup)}/user-metadata` };
}

const DAY = { from: '09:00', to: '18:00' };

/** Office hours in a time zone where it is currently outside of them. */
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
      ? `CHROMIUM_PATH is ${named}, which is not an executable file`
      : 'Chromium was not found on the PATH, and CHROMIUM_PATH is not set. Run apt-get install chromium',
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

function print(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  print(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
