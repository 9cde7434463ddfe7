import { createDataConverter } from '../../src/codec';
import { optOut } from '../../src/client/opt-out';
import { contactWorkflowId, readContact } from '../../src/temporal/contacts';
import { CONTACT_KEY, inputFor, startRig, type Rig } from '../support/rig';
import { K1 } from './support/keys';
import { rawHistory } from './support/raw';

const NUMBER = '+14155550143';
const REASON = 'Canaria asked by email';

let rig: Rig;

beforeAll(async () => {
  const contactPolicy = { perDay: 3, timeZone: 'UTC' };
  rig = await startRig({ dataConverter: createDataConverter({ keys: K1 }), contactPolicy });
});
afterAll(() => rig.stop());

it('limits and opt-outs work with encryption, and the server reads nothing about the person', async () => {
  expect(await rig.run(inputFor(NUMBER))).toMatchObject({ outcome: 'answered' });
  const { client, taskQueue } = rig;
  await optOut(client, NUMBER, { reason: REASON, key: CONTACT_KEY, taskQueue });
  expect(await rig.run(inputFor(NUMBER))).toMatchObject({ outcome: 'suppressed' });
  const workflowId = contactWorkflowId(CONTACT_KEY, NUMBER);
  expect(await readContact(client, workflowId)).toMatchObject({
    dials: [{ outcome: 'answered' }],
    optOuts: [{ reason: REASON }],
  });
  const history = await rawHistory(rig, { workflowId });
  expect(history).toContain('binary/encrypted');
  expect(history).not.toMatch(/Canaria|5550143|answered/);
});
