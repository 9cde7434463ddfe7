import { log } from '@temporalio/activity';
import SQLite from 'libsql';

export type Status = 'booked' | 'confirmed' | 'moved' | 'not_reached' | 'needs_person';

export interface Appointment {
  readonly id: number;
  readonly name: string;
  readonly phoneNumber: string;
  /** ISO 8601 with the clinic's offset, such as `2026-12-01T14:30:00-05:00`. */
  readonly startsAt: string;
  /** When the patient may be called, such as `09:00` to `18:00`. */
  readonly timeZone: string;
  readonly callFrom: string;
  readonly callTo: string;
}

export type Database = SQLite.Database;
export type Activities = ReturnType<typeof createActivities>;

const CLINIC_TIME_ZONE = 'America/New_York';

export function openDatabase(path: string): Database {
  const db = new SQLite(path, { timeout: 5000 }); // waits for other processes
  db.exec(`create table if not exists appointments (id integer primary key, name text, phoneNumber text,
    startsAt text, timeZone text, callFrom text, callTo text, status text default 'booked', textedFor text)`);
  return db;
}

export function createActivities(db: Database) {
  return {
    async findAppointments(): Promise<readonly Appointment[]> {
      const columns = 'id, name, phoneNumber, startsAt, timeZone, callFrom, callTo';
      const where = "status = 'booked' and substr(startsAt, 1, 10) = ?";
      const found = db.prepare(`select ${columns} from appointments where ${where}`);
      return found.all(tomorrow()) as Appointment[];
    },
    /** Only of this date: the clinic may have moved the appointment during the call. */
    async saveStatus({ id, startsAt }: Appointment, status: Status): Promise<void> {
      const update = 'update appointments set status = ? where id = ? and startsAt = ?';
      db.prepare(update).run(status, id, startsAt);
    },
    /** A stub: it sends nothing. It marks first, so that a patient gets at most one text for each date. */
    async sendText({ id, startsAt }: Appointment): Promise<void> {
      const mark = 'update appointments set textedFor = startsAt where id = ? and startsAt = ?';
      const { changes } = db.prepare(`${mark} and textedFor is not startsAt`).run(id, startsAt);
      if (changes === 1) log.info('Stub: this would send a text message', { id });
    },
  };
}

/** Tomorrow's date at the clinic, such as `2026-12-01`. */
export function tomorrow(): string {
  const date = new Intl.DateTimeFormat('en-CA', { timeZone: CLINIC_TIME_ZONE });
  return date.format(Date.now() + 24 * 60 * 60 * 1000);
}
