import { createTruedyAccount } from '../../src/truedy/account';
import { createTruedyClient } from '../../src/truedy/client';
import { TruedyContractError, TruedyResponseError } from '../../src/truedy/errors';
import { closeServers, serveHttp } from './support/local-server';

afterEach(closeServers);

/** An account whose reads all get this answer. */
async function accountOf(body: unknown, status = 200) {
  const asked: (string | undefined)[] = [];
  const { port } = await serveHttp(({ url, method }, response) => {
    asked.push(`${method} ${url}`);
    response.statusCode = status;
    response.end(JSON.stringify(body));
  });
  const options = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'truedy_test' };
  return { asked, options, account: createTruedyAccount(options) };
}

const PAGE = { limit: 100, offset: 0 };
// From Truedy's page "List agents".
const AGENT = {
  id: 'agent_01hx',
  name: 'Reminder',
  status: 'active',
  voice_id: 'voice_1',
  inbound_phone_numbers: [],
  outbound_phone_numbers: [{ id: 'num_1', phone_number: '+14155550199' }],
};

describe('the agents of an account', () => {
  it.each([
    ['bare', [AGENT]],
    ['in the envelope', { data: [AGENT], meta: { request_id: 'req_1' } }],
  ])('are read %s', async (_, body) => {
    const { account, asked } = await accountOf(body);
    await expect(account.listAgents(PAGE)).resolves.toEqual([
      { id: 'agent_01hx', status: 'active', outboundNumbers: ['+14155550199'] },
    ]);
    expect(asked).toEqual(['GET /v1/agents?limit=100&offset=0']);
  });

  it('have no known numbers if Truedy returns none', async () => {
    const { account } = await accountOf([{ id: 'a', status: 'active' }]);
    await expect(account.listAgents(PAGE)).resolves.toMatchObject([{ outboundNumbers: null }]);
  });

  it('are not read from an answer with another format', async () => {
    const { account } = await accountOf({ data: [{ name: 'no id' }] });
    await expect(account.listAgents(PAGE)).rejects.toBeInstanceOf(TruedyContractError);
  });

  it('are refused with Truedy’s code', async () => {
    const { account } = await accountOf({ error: { code: 'unauthorized', message: 'no' } }, 401);
    const refused = account.listAgents(PAGE);
    await expect(refused).rejects.toBeInstanceOf(TruedyResponseError);
    await expect(refused).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
  });
});

describe('the description of the API', () => {
  it('is read beside its paths', async () => {
    const { account, asked } = await accountOf({ openapi: '3.1.0', paths: {} });
    await expect(account.readDescription()).resolves.toMatchObject({ openapi: '3.1.0' });
    expect(asked).toEqual(['GET /v1/openapi.json']);
  });
});

describe('every answer to a read', () => {
  it.each([200, 401])('is reported with its status and date: %i', async (status) => {
    const { options } = await accountOf([], status);
    const seen: unknown[] = [];
    const client = createTruedyClient({ ...options, onHead: (answer) => seen.push(answer) });
    await client.listCalls(PAGE).catch(() => undefined);
    expect(seen).toEqual([{ status, date: expect.stringMatching(/ GMT$/) }]);
  });
});
