import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { version } from '../../package.json';

const ROOT = join(__dirname, '../..');
const FOLDER = join(ROOT, 'test/histories');

/** Of this version of the package. */
export const CURRENT = version;

/** The versions with stored histories. */
export function storedVersions(): readonly string[] {
  return readdirSync(FOLDER);
}

/** The released versions, by the headings of the changelog. */
export function releasedVersions(): readonly string[] {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  return [...changelog.matchAll(/^## \[(\d[^\]]*)\]/gm)].map(([, released = '']) => released);
}

/** The files with the histories of one version, such as `0.1.0/webhook.json`. */
export function storedHistories(of: string): readonly string[] {
  const folder = join(FOLDER, of);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => `${of}/${name}`);
}

/** Reads the file of one history. */
export function readHistory(file: string): { events: Record<string, any>[] } {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
}

/**
 * With `UPDATE_HISTORIES`, stores a history of this version.
 *
 * @throws Error if this version was released: its histories are those of runs that may be open.
 */
export async function recordHistory(name: string, json: () => Promise<string>): Promise<void> {
  if (!process.env['UPDATE_HISTORIES']) return;
  if (releasedVersions().includes(CURRENT)) {
    throw new Error(`${CURRENT} was released. Set the next version in package.json first.`);
  }
  await mkdir(join(FOLDER, CURRENT), { recursive: true });
  await writeFile(join(FOLDER, CURRENT, `${name}.json`), await json());
}
