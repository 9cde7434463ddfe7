import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { wrongSettingsError } from '../../../runtime/process';

const dialSchema = z.object({
  seq: z.number(),
  at: z.string(),
  ref: z.string().nullable(),
  number: z.string(),
  postNo: z.number(),
  bodySha256: z.string(),
  key: z.string().nullable(),
  callId: z.string(),
});
/** One dial. It happened, whatever the API responded. */
export type Dial = Readonly<z.infer<typeof dialSchema>>;

/** Append-only, and written only by the dialer. */
export interface Ledger {
  append(dial: Omit<Dial, 'seq'>): Dial;
  dials(): readonly Dial[];
  close(): void;
}

/** @param path A file with one JSON line per dial, flushed to disk before the response; `undefined`: memory only. */
export function createLedger(path: string | undefined): Ledger {
  const { dials, file } = open(path);

  return {
    append(dial) {
      const line: Dial = { seq: dials.length + 1, ...dial };
      if (file !== undefined) {
        writeSync(file, `${JSON.stringify(line)}\n`);
        fsyncSync(file);
      }
      dials.push(line);
      return line;
    },
    dials: () => dials,
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

interface OpenLedger {
  readonly dials: Dial[];
  readonly file?: number;
}

// A restart continues the ledger of the file.
function open(path: string | undefined): OpenLedger {
  if (path === undefined) return { dials: [] };
  try {
    return { dials: readDials(path), file: openSync(path, 'a') };
  } catch {
    const problem = 'SIMULATOR_LEDGER is not a ledger or cannot be written';
    throw wrongSettingsError([problem], `ls -l ${path}`);
  }
}

function readDials(path: string): Dial[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => dialSchema.parse(JSON.parse(line)));
}
