import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  setDefaultSignalHandler,
  setHandler,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  confirm,
  expire,
  isForgettable,
  KEEP_MS,
  NEW_CONTACT,
  optIn as withOptIn,
  optOut as withOptOut,
  release,
  stopWaiting,
  type Contact,
  type WaitingRun,
} from '../../call/contact/contact';
import { EndedAttempts } from '../../call/contact/ended-attempts';
import { nextWaiting, reserve } from '../../call/contact/reserve';
import { readReference } from '../../call/dial-request';
import { fieldsOf } from '../../call/untrusted-values';
import { currentMs, markPassed } from '../clock';
import {
  contactFree,
  getContact,
  optIn,
  optOut,
  releaseContact,
  reserveContact,
} from '../messages';

/**
 * Counts the calls to one person. Its ID contains a keyed hash of the number, and its state no number.
 *
 * Handlers never await: the server runs at most ten updates of one run at the same time.
 *
 * @param carried The state of the previous run, if this run continues one.
 */
export async function ContactWorkflow(carried: Contact = NEW_CONTACT): Promise<void> {
  const person = new Person(carried);
  setHandlers(person);
  let isTimeToForget = false;
  const startTimer = async () => {
    const atMs = currentMs() + KEEP_MS;
    await sleep(KEEP_MS, { summary: 'Forget old calls' });
    markPassed(atMs);
    isTimeToForget = true;
  };
  void startTimer();
  for (;;) {
    const isLong = () => workflowInfo().continueAsNewSuggested;
    await condition(() => isLong() || isTimeToForget || person.nextToWake !== undefined);
    const next = person.nextToWake;
    if (next !== undefined) await wake(person, next);
    if (isLong()) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof ContactWorkflow>(expire(person.contact, currentMs()));
    }
    if (isTimeToForget) {
      if (isForgettable(person.contact, currentMs())) return;
      isTimeToForget = false;
      void startTimer();
    }
  }
}

// It runs for years, so that a build to which it was pinned would never be drained. The server rejects a behavior from
// workers without versions, which have a build ID too.
setWorkflowOptions(
  () =>
    workflowInfo().currentDeploymentVersion?.deploymentName
      ? { versioningBehavior: 'AUTO_UPGRADE' }
      : {},
  ContactWorkflow,
);

// --- internal ---

/** The state of one run. */
class Person {
  contact: Contact;
  /** The attempts whose runs were asked to try again, and have not done so yet. */
  readonly woken = new Set<string>();
  readonly ended = new EndedAttempts();

  constructor(contact: Contact) {
    this.contact = contact;
  }

  get nextToWake(): WaitingRun | undefined {
    return nextWaiting(this.contact, this.woken, currentMs());
  }
}

function setHandlers(person: Person): void {
  setHandler(
    reserveContact,
    (ask) => {
      const { reference, sendByMs } = ask;
      person.woken.delete(reference);
      if (person.ended.has(ask, currentMs())) return { kind: 'late', sendByMs };
      const { contact, answer } = reserve(person.contact, ask, currentMs());
      person.contact = contact;
      return answer;
    },
    { validator: (ask) => checkAsk(ask), description: 'Asks whether an attempt may dial now.' },
  );
  setHandler(
    releaseContact,
    (ended) => {
      const { reference } = fieldsOf(ended);
      if (typeof reference !== 'string') {
        log.warn('Ignored an unreadable signal', { signal: releaseContact.name });
        return;
      }
      // A woken run may have been terminated before it asked. It is woken again, and loses its place.
      person.woken.clear();
      person.ended.add('dialed' in ended ? { reference } : ended, currentMs());
      person.contact =
        'dialed' in ended
          ? confirm(person.contact, ended, currentMs())
          : release(person.contact, ended);
    },
    { description: 'An attempt has ended, with or without a dial.' },
  );
  setHandler(
    optOut,
    (input) => {
      const { reason } = fieldsOf(input);
      const text = typeof reason === 'string' ? reason : undefined;
      person.contact = withOptOut(person.contact, text, currentMs());
      return person.contact;
    },
    { description: 'Forbids every call to the person. Example: {"reason":"asked by email"}' },
  );
  setHandler(
    optIn,
    () => {
      person.contact = withOptIn(person.contact, currentMs());
      return person.contact;
    },
    { description: 'Allows calls to the person again. No input: []' },
  );
  setHandler(getContact, () => expire(person.contact, currentMs()), {
    description: 'The calls to the person in the last 400 days, and every opt-out.',
  });
  setDefaultSignalHandler((name) => log.warn('Ignored an unknown signal', { signal: name }));
}

/** Workers of another version can ask, so the fields that decide are checked. */
function checkAsk(ask: unknown): void {
  const { reference, sendByMs, leaseMs, askAgainMs, days, weeks, limits } = fieldsOf(ask);
  const isValid =
    typeof reference === 'string' &&
    [sendByMs, leaseMs, askAgainMs].every(Number.isFinite) &&
    Array.isArray(days) &&
    Array.isArray(weeks) &&
    typeof limits === 'object';
  if (isValid) return;
  const message = 'InvalidInput: the question could not be read';
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

/** Asks a waiting run to try again. A run that does not exist any more loses its place. */
async function wake(person: Person, { reference }: WaitingRun): Promise<void> {
  person.woken.add(reference);
  const workflowId = readReference(reference)?.workflowId;
  try {
    if (workflowId === undefined) throw new Error('not a reference');
    await getExternalWorkflowHandle(workflowId).signal(contactFree);
  } catch {
    person.woken.delete(reference);
    person.contact = stopWaiting(person.contact, reference);
  }
}
