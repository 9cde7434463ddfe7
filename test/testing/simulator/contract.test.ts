import { callAnswerSchema, listAnswerSchema } from '../../../src/truedy/schemas';
import { readDelivery } from '../../../src/truedy/delivery';
import { marked, NUMBER, simulated } from './support/simulated';

// As Truedy's pages show them: "Making outbound calls", "Create call", "Get call", "List calls".
const GUIDE_CALL =
  'id status direction agent_id phone_number from_number duration_seconds transcript recording_url variables created_at started_at ended_at';
const DATA_CREATED = 'id agent_id status from_number to_number direction created_at';
const DATA_CALL =
  'id status direction agent_id to from duration_seconds recording_url transcript_url summary cost_credits metadata started_at ended_at created_at updated_at';

function keysOf(body: object): string {
  return Object.keys(body).sort().join(' ');
}

function sorted(keys: string): string {
  return keys.split(' ').sort().join(' ');
}

/** Reads an ended call in a dialect. */
async function ended(dialect: string, phoneNumber = NUMBER) {
  const { post, read, list, plan, clock, json, sent } = simulated();
  await plan({ dialect });
  const created = await json(post(marked('n/w#1', phoneNumber)));
  await clock.advance(3_000);
  const { id } = created.data ?? created;
  return { id, created, call: await json(read(id)), listing: await json(list()), sent };
}

describe('a response of the simulator', () => {
  it('has the documented keys in the guide', async () => {
    const { created, call, listing } = await ended('guide');
    expect(keysOf(created)).toBe(sorted(GUIDE_CALL));
    expect(keysOf(call)).toBe(sorted(`${GUIDE_CALL} outcome summary`));
    expect(keysOf(listing)).toBe('data pagination');
    expect(keysOf(listing.data[0])).toBe(keysOf(call));
  });

  it('has the documented keys in the reference', async () => {
    const { created, call, listing } = await ended('data');
    expect(keysOf(created)).toBe('data meta');
    expect(keysOf(created.data)).toBe(sorted(DATA_CREATED));
    expect(keysOf(created.meta)).toBe('request_id timestamp');
    expect(keysOf(call.data)).toBe(sorted(DATA_CALL));
    expect(keysOf(call.meta)).toBe('request_id ts');
    expect(call.data.status).toBe('completed');
    expect(listing.data[0]).toMatchObject({ to_number: NUMBER, status: 'completed' });
  });

  it.each(['guide', 'data'])('is read by the client in each dialect: %s', async (dialect) => {
    const { id, call, listing } = await ended(dialect);
    const read = callAnswerSchema.parse(call);
    expect(read).toMatchObject({
      callId: id,
      phoneNumber: NUMBER,
      reference: 'n/w#1',
      record: { status: 'ended', duration_seconds: 42, from_number: '+18005550199' },
    });
    expect(listAnswerSchema.parse(listing)).toMatchObject([{ callId: id, reference: 'n/w#1' }]);
  });

  it('is read by the bridge', async () => {
    const { id, sent } = await ended('guide');
    expect(readDelivery(JSON.parse(sent[2]?.body ?? ''))).toMatchObject({
      event: 'call.ended',
      reference: 'n/w#1',
      ids: [id],
    });
  });

  it('contains the carrier’s reason if a script asks for it', async () => {
    const { post, read, plan, clock, json } = simulated();
    await plan({ dialect: 'data', defaults: { phone: 'busy', endReason: 'SIP_TERMINATION_BUSY' } });
    const { data } = await json(post({ phone_number: '+14155550150' }));
    await clock.advance(3_000);
    expect(callAnswerSchema.parse(await json(read(data.id))).reason).toBe('SIP_TERMINATION_BUSY');
  });
});
