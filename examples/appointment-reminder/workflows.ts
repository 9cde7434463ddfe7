import { ApplicationFailure, log, proxyActivities } from '@temporalio/workflow';
import { callPerson, type CallResult } from 'temporal-truedy/workflow';
import type { Activities, Appointment, Status } from './activities';

const { findAppointments, saveStatus, sendText } = proxyActivities<Activities>({
  startToCloseTimeout: '10 seconds',
});

export interface Reminders {
  readonly agentId: string;
  /** The queue of the Truedy workers. Default: that of the package. */
  readonly taskQueue?: string;
}

/** Calls everyone who has an appointment tomorrow. A schedule starts it every morning. */
export async function RemindPatients(reminders: Reminders): Promise<void> {
  const appointments = await findAppointments();
  await Promise.all(appointments.map((appointment) => remind(appointment, reminders)));
}

async function remind(appointment: Appointment, reminders: Reminders): Promise<void> {
  const status = await call(appointment, reminders);
  if (status === 'not_reached') await sendText(appointment);
  await saveStatus(appointment, status);
}

async function call(appointment: Appointment, reminders: Reminders): Promise<Status> {
  const { id, name, phoneNumber, startsAt, timeZone, callFrom, callTo } = appointment;
  const { agentId, ...options } = reminders;
  try {
    const result = await callPerson(
      {
        call: { agent_id: agentId, phone_number: phoneNumber, variables: { name, startsAt } },
        completion: { artifacts: '2m' }, // waits for the transcript
        redial: { maxAttempts: 2, after: { no_answer: ['1h'], busy: ['15m'] } },
        window: { timeZone, from: callFrom, to: callTo },
        expiresAt: startsAt,
      },
      // The same key is the same call, also after a reset. An appointment that was moved is another call.
      { key: `appointment-${id}-${startsAt.slice(0, 10)}`, ...options },
    );
    return statusOf(result);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    log.warn('An appointment needs a person', { id, type: error.type });
    return 'needs_person';
  }
}

/** The agent's instructions say to close with one of these sentences. */
const CLOSINGS = { moved: 'We will find another time.', confirmed: 'You are confirmed.' };

function statusOf({ outcome, call: record }: CallResult): Status {
  if (outcome === 'suppressed' || outcome === 'cancelled') return 'needs_person';
  if (outcome !== 'answered') return 'not_reached';
  const said = JSON.stringify(record?.transcript ?? null);
  if (said.includes(CLOSINGS.moved)) return 'moved';
  return said.includes(CLOSINGS.confirmed) ? 'confirmed' : 'needs_person';
}
