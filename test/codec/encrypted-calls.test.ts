import { randomUUID } from 'node:crypto';
import { Client, type WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type PayloadCodec } from '@temporalio/common';
import { createDataConverter, createEncryptionCodec } from '../../src/codec';
import { WORKFLOW_TYPE } from '../../src/workflows/messages';
import { inputFor, startRig, until, type Rig } from '../support/rig';
import { hangUp, PATIENT, UNTIL_HANG_UP } from '../support/steer';
import { K1, K2, OTHER_K1 } from './support/keys';
import { rawEvents, rawTexts } from './support/raw';

const NUMBER = '+14155550142';
const NAME = 'Canaria';
/** A person's number, masked or not, their name, and what was said. */
const CANARIES = /4155550142|\u2022{3}|â\u0080¢|canaria|short talk|virtual phone/i;

const decodeWith = {
  /** Payloads stay as they are, as for a worker without a codec. */
  none: async (payloads) => payloads,
  k1: createEncryptionCodec({ keys: K1 }).decode,
  k2: createEncryptionCodec({ keys: K2 }).decode,
  'k1 with other bytes': createEncryptionCodec({ keys: OTHER_K1 }).decode,
  'k2 and k1': createEncryptionCodec({ keys: `${K2},${K1}` }).decode,
} satisfies Record<string, PayloadCodec['decode']>;
type Reader = keyof typeof decodeWith;

/** What the workers can read, which a test changes as a restart with other keys would. */
let reader: Reader = 'k1';
/** What they can read of the arguments of the activity that dials. Default: the same. */
let requestReader: Reader | undefined;

let rig: Rig;

beforeAll(async () => {
  const writing = createDataConverter({ keys: K1 });
  const right = createEncryptionCodec({ keys: K1 });
  const codec: PayloadCodec = {
    encode: right.encode,
    async decode(payloads, context) {
      if (requestReader === undefined || context?.type !== 'activity' || context.isLocal) {
        return decodeWith[reader](payloads, context);
      }
      const decoded = await right.decode(payloads);
      // Of all payloads of activities, only the frozen request has JSON in a string.
      const isRequest = decoded.some(({ data }) => String(data).includes('\\"phone_number\\"'));
      return isRequest ? decodeWith[requestReader](payloads, context) : decoded;
    },
  };
  rig = await startRig({ dataConverter: { ...writing, payloadCodecs: [codec] } });
});
afterEach(() => {
  [reader, requestReader] = ['k1', undefined];
});
afterAll(() => rig.stop());

/** A client with keys of its own on the connection of the rig. */
function clientWith(keys: string): Client {
  const { connection } = rig.client;
  return new Client({ connection, dataConverter: createDataConverter({ keys }) });
}

const personal = (phoneNumber = NUMBER) =>
  inputFor(phoneNumber, { ...PATIENT, call: { variables: { name: NAME } } });

it('finds a canary in the history of a run without encryption', async () => {
  const open = new Client({ connection: rig.client.connection });
  const options = { taskQueue: randomUUID(), workflowId: `call/${randomUUID()}` };
  const handle = await open.workflow.start(WORKFLOW_TYPE, { ...options, args: [personal()] });
  const { history } = await rig.client.workflowService.getWorkflowExecutionHistory({
    namespace: 'default',
    execution: { workflowId: handle.workflowId },
  });
  const [payload] =
    history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  expect(String(payload?.data)).toMatch(CANARIES);
  await handle.terminate();
});

describe('nothing about a person is readable in Temporal', () => {
  it('for a call that is answered, with a delivery, a query and a refused update', async () => {
    const handle = await rig.client.workflow.start(WORKFLOW_TYPE, {
      taskQueue: rig.taskQueue,
      workflowId: `call/${randomUUID()}`,
      args: [{ ...personal(), notBefore: new Date(Date.now() + 3_600_000).toISOString() }],
      memo: { person: NAME },
      staticSummary: NAME,
      staticDetails: `${NAME} ${NUMBER}`,
    });
    await until(async () => (await rig.view(handle)).phase === 'waiting');
    const refused = handle.executeUpdate('reschedule', { args: [{ notBefore: NAME }] });
    await expect(refused).rejects.toBeInstanceOf(WorkflowUpdateFailedError);
    await handle.executeUpdate('redialNow');
    const result = await handle.result();
    expect(JSON.stringify(result)).toMatch(CANARIES);
    expect(result).toMatchObject({ outcome: 'answered', attempts: [{ learnedBy: 'webhook' }] });
    expect((await rig.view(handle)).phase).toBe('ended');
    expect(await rawTexts(rig, handle)).not.toMatch(CANARIES);
  });

  it('for a call that fails: its message is encrypted too, its type is readable', async () => {
    const handle = await rig.start({ ...personal(), [NAME]: `${NAME} ${NUMBER}` });
    const error = await handle.result().catch((one: unknown) => one);
    expect((error as WorkflowFailedError).cause).toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining(NAME),
    });
    expect(await rawTexts(rig, handle)).not.toMatch(CANARIES);
    const failure = (await rawEvents(rig, handle)).at(-1)?.workflowExecutionFailedEventAttributes
      ?.failure;
    expect(failure?.applicationFailureInfo?.type).toBe('InvalidInput');
    expect(failure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
  });
});

describe('a new key', () => {
  it('is read by workers that know it, while the old one still writes', async () => {
    reader = 'k2 and k1';
    const workflowId = `call/${randomUUID()}`;
    const options = { taskQueue: rig.taskQueue, workflowId, args: [personal()] };
    const handle = await clientWith(`${K2},${K1}`).workflow.start(WORKFLOW_TYPE, options);
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
    const [started] = await rawEvents(rig, handle);
    const [payload] = started?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(String(payload?.metadata?.['encryption-key-id'])).toBe('k2');
  });

  it('that no worker knows blocks a run until one does, and nothing is lost', async () => {
    const notBefore = new Date(Date.now() + 3_600_000).toISOString();
    const handle = await rig.start({ ...personal(), notBefore });
    await until(async () => (await rig.view(handle)).phase === 'waiting');
    await clientWith(K2).workflow.getHandle(handle.workflowId).signal('callEvent', { from: 'k2' });
    await untilBlocked(handle.workflowId, 'k2');
    reader = 'k2 and k1';
    await handle.executeUpdate('redialNow');
    expect(await handle.result()).toMatchObject({ outcome: 'answered' });
  });
});

describe('a worker that lacks the key of a run', () => {
  it.each(['k2', 'k1 with other bytes', 'none'] as const)(
    'waits with %s, sends nothing, and continues once the key is back',
    async (wrong) => {
      reader = wrong;
      const handle = await rig.start(personal());
      await untilBlocked(handle.workflowId, wrong === 'none' ? undefined : 'k1');
      expect((await handle.describe()).status.name).toBe('RUNNING');
      expect((await rig.seen(handle)).posts).toEqual([]);
      reader = 'k1';
      expect(await handle.result()).toMatchObject({ outcome: 'answered' });
      expect((await rig.seen(handle)).dials).toHaveLength(1);
    },
  );

  it.each([
    ['k2', 'a worker lacks encryption key k1'],
    ['none', 'a worker could not decode the request'],
  ] as const)(
    'with %s defers the request it cannot read, since nothing was sent',
    async (wrong, why) => {
      requestReader = wrong;
      const number = '+14155550190';
      await rig.plan({ numbers: { [number]: UNTIL_HANG_UP } });
      const handle = await rig.start(personal(number));
      await until(async () => {
        const { because, phase } = await rig.view(handle);
        return phase !== 'unclear' && because?.includes(why);
      });
      expect((await rig.seen(handle)).posts).toEqual([]);
      requestReader = undefined;
      await hangUp(rig, handle);
      expect(await handle.result()).toMatchObject({
        outcome: 'answered',
        attempts: [{ placedBy: 'response' }],
      });
      expect((await rig.seen(handle)).dials).toHaveLength(1);
    },
  );
});

/** Waits until the workflow task of a run fails because of the key. The failure's type is readable for everyone. */
async function untilBlocked(workflowId: string, keyId: string | undefined): Promise<void> {
  const handle = rig.client.workflow.getHandle(workflowId);
  const failure = await until(async () => {
    const failed = (await rawEvents(rig, handle)).findLast(
      (event) => event.workflowTaskFailedEventAttributes,
    );
    return failed?.workflowTaskFailedEventAttributes?.failure ?? undefined;
  });
  if (keyId === undefined) return;
  expect(failure.applicationFailureInfo?.type).toBe(`UnknownEncryptionKey:${keyId}`);
}

it('a client without the key reports the key, and not the data', async () => {
  const handle = await rig.start(personal());
  await handle.result();
  const stranger = clientWith(K2).workflow.getHandle(handle.workflowId);
  const error = await stranger.result().catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(error).toMatchObject({
    type: 'UnknownEncryptionKey:k1',
    message: expect.stringContaining('it needs key k1, and the keys here are k2'),
  });
});
