import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { KnownError } from '../../runtime/process';
import { TextFileError } from '../../runtime/text-file';
import type { HeaderList, RawDelivery } from './delivery';
import { EXIT } from '../shared/exit-codes';
import { readJsonObject } from '../shared/json-file';

/** Where a saved delivery is: the folder `listen --save` made, or its two files. */
export interface SavedAt {
  readonly path?: string | undefined;
  readonly body?: string | undefined;
  readonly headers?: string | undefined;
}

const BODY_FILE = 'body';
const HEADERS_FILE = 'headers.json';
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** A port that is open to the world would otherwise fill the disk. */
const MOST_SAVED = 1_000;

/**
 * Writes a delivery into a new folder below `folder`, numbered 1, 2, …: its raw bytes and its headers.
 * Only the user can read them: they hold numbers and what was said.
 *
 * @returns The new folder; `undefined` where there are a thousand already.
 */
export function saveDelivery(folder: string, delivery: RawDelivery): string | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let number = 1; number <= MOST_SAVED; number += 1) {
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

/** Reads a delivery that was saved or put together by hand. @throws KnownError where it can't be read. */
export function readSaved({ path, body, headers }: SavedAt): RawDelivery {
  const [bodyFile, headersFile] =
    path === undefined ? [body, headers] : [join(path, BODY_FILE), join(path, HEADERS_FILE)];
  const isOne = path === undefined || (body === undefined && headers === undefined);
  if (bodyFile === undefined || headersFile === undefined || !isOne) {
    throw unreadable('A saved delivery is a folder, or --body and --headers together');
  }
  return { body: readRegular(bodyFile), ...readHeaders(headersFile) };
}

// --- internal ---

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    const isThere = error !== null && typeof error === 'object' && 'code' in error;
    if (isThere && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A name that came more than once keeps all its values. */
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

/** As they were saved, or as one object of headers alone. */
function readHeaders(file: string): Pick<RawDelivery, 'headers' | 'receivedAt'> {
  const json = readJson(file);
  const saved = savedSchema.safeParse(json);
  if (saved.success) {
    const { receivedAt, headers } = saved.data;
    return { headers: toList(headers), ...(receivedAt !== undefined && { receivedAt }) };
  }
  const bare = headersSchema.safeParse(json);
  if (bare.success) return { headers: toList(bare.data) };
  throw unreadable(`${file} holds no headers, such as { "X-Truedy-Timestamp": "…" }`);
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

/** The signature covers exactly these bytes, a byte order mark included. */
function readRegular(file: string): Buffer {
  try {
    const about = statSync(file);
    if (about.isFile() && about.size <= MAX_FILE_BYTES) return readFileSync(file);
  } catch {
    // Said below.
  }
  throw unreadable(`${file} can't be read, or is no file of up to 4 MiB`);
}

function unreadable(
  problem: string,
  fix = 'temporal truedy events listen --save ./hooks',
): KnownError {
  return new KnownError(`TT4003  ${problem}.\n        ${fix}`, EXIT.usage);
}
