import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, type KnownError } from '../../runtime/process';
import { TextFileError } from '../../runtime/text-file';
import type { HeaderList, RawDelivery } from './delivery';
import { readJsonObject } from '../shared/json-file';
import { usageError } from '../shared/usage-error';

/** Where a saved delivery is: a folder that `listen --save` created, or two files. */
export interface SavedAt {
  readonly path?: string | undefined;
  readonly body?: string | undefined;
  readonly headers?: string | undefined;
}

const BODY_FILE = 'body';
const HEADERS_FILE = 'headers.json';
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** Keeps a publicly reachable port from filling the disk. */
const MAX_SAVED = 1_000;

/**
 * Writes the raw bytes and the headers of a delivery to a new folder `1`, `2`, … in `folder`. Only the user
 * can read them, since they contain phone numbers and transcripts.
 *
 * @returns The new folder; `undefined` if there are a thousand already.
 */
export function saveDelivery(folder: string, delivery: RawDelivery): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let number = 1; number <= MAX_SAVED; number += 1) {
    const path = join(folder, String(number));
    if (!makeFolder(path)) continue;
    const { body, receivedAt, headers } = delivery;
    const about = { receivedAt, headers: toObject(headers) };
    const mine = { mode: 0o600, flag: 'wx' };
    writeFileSync(join(path, BODY_FILE), body, mine);
    writeFileSync(join(path, HEADERS_FILE), `${JSON.stringify(about, null, 2)}\n`, mine);
    return path;
  }
  return undefined;
}

/** Reads a delivery that was saved or written by hand. @throws KnownError if it cannot be read. */
export function readSaved({ path, body, headers }: SavedAt): RawDelivery {
  const [bodyFile, headersFile] =
    path === undefined ? [body, headers] : [join(path, BODY_FILE), join(path, HEADERS_FILE)];
  const isOne = path === undefined || (body === undefined && headers === undefined);
  if (bodyFile === undefined || headersFile === undefined || !isOne) {
    throw unreadable('Name a saved delivery by its folder, or by --body and --headers together');
  }
  return { body: readRegular(bodyFile), ...readHeaders(headersFile) };
}

// --- internal ---

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A repeated name keeps all its values. */
function toObject(headers: HeaderList): Record<string, string | string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of headers) values.set(name, [...(values.get(name) ?? []), value]);
  const entries = [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  return Object.fromEntries(entries);
}

const headersSchema = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const savedSchema = z.object({
  receivedAt: z.iso.datetime({ offset: true }).optional(),
  headers: headersSchema,
});

/** Reads what `saveDelivery` wrote, or a plain object of headers. */
function readHeaders(file: string): Pick<RawDelivery, 'headers' | 'receivedAt'> {
  const json = readJson(file);
  const saved = savedSchema.safeParse(json);
  if (saved.success) {
    const { receivedAt, headers } = saved.data;
    return { headers: toList(headers), ...(receivedAt !== undefined && { receivedAt }) };
  }
  const bare = headersSchema.safeParse(json);
  if (bare.success) return { headers: toList(bare.data) };
  throw unreadable(`${file} does not contain headers such as { "X-Truedy-Timestamp": "…" }`);
}

function toList(headers: z.infer<typeof headersSchema>): HeaderList {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, value] as const),
  );
}

function readJson(file: string): unknown {
  try {
    return readJsonObject(file, MAX_FILE_BYTES);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw unreadable(`${file} ${error.problem}`, error.fix);
  }
}

/** Reads the exact bytes, including a byte order mark: the signature covers them. */
function readRegular(file: string): Buffer {
  try {
    const about = statSync(file);
    if (about.isFile() && about.size <= MAX_FILE_BYTES) return readFileSync(file);
  } catch {
    // Reported below.
  }
  throw unreadable(`${file} cannot be read, or is not a file of at most 4 MiB`);
}

function unreadable(
  problem: string,
  fix = 'temporal truedy events listen --save ./hooks',
): KnownError {
  return usageError(`TT4003  ${problem}.`, fix);
}
