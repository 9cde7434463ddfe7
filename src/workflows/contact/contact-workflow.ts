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
import { changesOf, isSameLimits } from '../../call/contact/audit';
import {
  expire,
  isForgettable,
  KEEP_MS,
  NEW_CONTACT,
  type Contact,
  type ContactAsk,
  type WaitingRun,
} from '../../call/contact/contact';
import { settle, stopWaiting } from '../../call/contact/settle';
import {
  optIn as withOptIn,
  optOut as withOptOut,
  restoreOptOuts as withRestored,
} from '../../call/contact/opt-outs';
import { EndedAttempts } from '../../call/contact/ended-attempts';
import { nextWaiting, reserve } from '../../call/contact/reserve';
import { readReference } from '../../call/dial-request';
import type { OptOutSource } from '../../call/metrics';
import { fieldsOf, isObject } from '../../call/untrusted-values';
import { currentMs, markPassed } from '../clock';
import {
  contactFree,
  getContact,
  optIn,
  optOut,
  releaseContact,
  reserveContact,
  restoreOptOuts,
} from '../messages';
import { checkRestored } from './check-restored';
import { countAnswer, countExceeded, countLimitsChanged, countOptOut } from './contact-metrics';

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
      person.update(expire(person.contact, currentMs()));
      await continueAsNew<typeof ContactWorkflow>(person.contact);
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
  #contact: Contact;
  /** Of the last question to this run. */
  #limits: ContactAsk['limits'] | undefined;
  /** The attempts whose runs were asked to try again, and have not done so yet. */
  readonly woken = new Set<string>();
  readonly ended = new EndedAttempts();

  constructor(contact: Contact) {
    this.#contact = contact;
  }

  get contact(): Contact {
    return this.#contact;
  }

  /** Workers with different policies ask with different limits: each one only respects its own. */
  noteLimits(limits: ContactAsk['limits']): void {
    if (this.#limits !== undefined && !isSameLimits(this.#limits, limits)) {
      log.warn('The limits of a question differ from those of the last one');
      countLimitsChanged();
    }
    this.#limits = limits;
  }

  /** @param optOutBy What an opt-out in this step came from. */
  update(contact: Contact, optOutBy: OptOutSource = 'call'): void {
    const { isOptedOut, exceeded } = changesOf(this.#contact, contact, this.#limits);
    this.#contact = contact;
    if (isOptedOut) countOptOut(optOutBy);
    for (const limit of exceeded) {
      log.warn('The person was called more often than the policy allows', { limit });
      countExceeded(limit);
    }
  }

  get nextToWake(): WaitingRun | undefined {
    return nextWaiting(this.contact, this.woken, currentMs());
  }
}

function setHandlers(person: Person): void {
  setHandler(
    reserveContact,
    (ask) => {
      const { reference, sendByMs, limits } = ask;
      person.woken.delete(reference);
      if (person.ended.has(ask, currentMs())) {
        countAnswer('late');
        return { kind: 'late', sendByMs };
      }
      person.noteLimits(limits);
      const { contact, answer } = reserve(person.contact, ask, currentMs());
      person.update(contact);
      countAnswer(answer.kind);
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
      person.update(settle(person.contact, ended, currentMs()));
    },
    { description: 'An attempt has ended, with or without a dial.' },
  );
  setOptOutHandlers(person);
  setHandler(getContact, () => expire(person.contact, currentMs()), {
    description: 'The calls to the person in the last 400 days, and every opt-out.',
  });
  setDefaultSignalHandler((name) => log.warn('Ignored an unknown signal', { signal: name }));
}

function setOptOutHandlers(person: Person): void {
  setHandler(
    optOut,
    (input) => {
      person.update(withOptOut(person.contact, reasonOf(input), currentMs()), 'request');
      return person.contact;
    },
    { description: 'Forbids every call to the person. Example: {"reason":"asked by email"}' },
  );
  setHandler(
    optIn,
    (input) => {
      person.update(withOptIn(person.contact, reasonOf(input), currentMs()));
      return person.contact;
    },
    { description: 'Allows calls to the person again. Example: {"reason":"asked by email"}' },
  );
  setHandler(
    restoreOptOuts,
    (restored) => {
      const { length } = person.contact.optOuts;
      person.update(withRestored(person.contact, restored), 'request');
      return { added: person.contact.optOuts.length - length };
    },
    {
      validator: (restored) => checkRestored(restored),
      description:
        'Adds opt-outs that are missing. Example: [{"atMs":1767225600000,"reason":"asked by email"}]',
    },
  );
}

/** Other programs can send these updates, so the type is checked. */
function reasonOf(input: unknown): string | undefined {
  const { reason } = fieldsOf(input);
  return typeof reason === 'string' ? reason : undefined;
}

/** Workers of another version can ask, so the fields that decide are checked. */
function checkAsk(ask: unknown): void {
  const { reference, sendByMs, leaseMs, askAgainMs, days, weeks, limits } = fieldsOf(ask);
  const isValid =
    typeof reference === 'string' &&
    [sendByMs, leaseMs, askAgainMs].every(Number.isFinite) &&
    Array.isArray(days) &&
    Array.isArray(weeks) &&
    isObject(limits);
  if (isValid) return;
  const message = 'InvalidInput: the question could not be read';
  throw ApplicationFailure.nonRetryable(message, 'InvalidInput');
}

/** Asks a waiting run to try again. A run that does not exist any more loses its place. */
async function wake(person: Person, { reference }: WaitingRun): Promise<void> {
  const loseItsPlace = () => {
    person.woken.delete(reference);
    person.update(stopWaiting(person.contact, reference));
  };
  const workflowId = readReference(reference)?.workflowId;
  if (workflowId === undefined) return loseItsPlace();
  person.woken.add(reference);
  await getExternalWorkflowHandle(workflowId).signal(contactFree).catch(loseItsPlace);
}
