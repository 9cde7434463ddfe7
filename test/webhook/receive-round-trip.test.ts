import { validateInput } from '../../src/activities/input-schema';
import { freeze } from '../../src/call/dial-request';
import { callSchema } from '../../src/truedy/schemas';
import { bridge, ended } from './support/bridge';

const RUN = {
  namespace: 'default',
  workflowId: 'call/crm-1',
  attempt: 2,
  runId: 'run',
  firstRunId: 'run',
};

/** The variables of an input, as the dial request contains them. */
function frozen(json: string) {
  const variables: Record<string, string> = JSON.parse(json);
  const call = { agent_id: 'agent_1', phone_number: '+14155550101', variables };
  return { problems: validateInput({ call }).problems, body: freeze(call, RUN, 'key').body };
}

describe('a variable that the input validation accepts', () => {
  it.each([
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
    'first name',
    'a.b[0]',
    '$ref',
    '0',
    '',
    'naïve 🎈',
  ])('named "%s" reaches Truedy, and its echo reaches the run', async (name) => {
    const { problems, body } = frozen(JSON.stringify({ [name]: 'x' }));
    expect(problems).toEqual([]);
    const { variables } = JSON.parse(body);
    expect(Object.entries(variables)).toContainEqual([name, 'x']);
    const { deliver, asked, signals } = bridge();
    expect((await deliver(ended({ variables }))).status).toBe(204);
    expect(asked).toMatchObject([
      { reference: { namespace: 'default', workflowId: 'call/crm-1', attempt: 2 } },
    ]);
    expect(signals).toHaveLength(1);
    expect(callSchema.parse({ id: 'call_1', variables }).reference).toBe('default/call/crm-1#2');
  });

  it('is not named __proto__: the bridge would reject its echo, too', async () => {
    const { problems } = frozen('{"__proto__":"x"}');
    expect(problems).toEqual([
      { path: 'call.variables.__proto__', problem: 'is not a name for a variable' },
    ]);
    const { deliver } = bridge();
    const echo = ended().replace('"variables":{', '"variables":{"__proto__":"x",');
    expect((await deliver(echo)).status).toBe(422);
  });
});

describe('a delivery of a long conversation', () => {
  const turn = (n: number) => ({ role: n % 2 ? 'user' : 'agent', text: `Turn ${n}`, at: n });

  it.each([
    ['an hour', 1_000],
    ['as much as 1 MiB holds', 19_000],
  ])('is signaled with how the call ended: %s', async (_, turns) => {
    const body = ended({ transcript: Array.from({ length: turns }, (_one, n) => turn(n)) });
    expect(Buffer.byteLength(body)).toBeLessThan(1024 * 1024);
    const { deliver, signals } = bridge();
    expect((await deliver(body)).status).toBe(204);
    expect(signals[0]?.event.call).toMatchObject({ status: 'ended', duration_seconds: 87 });
  });
});
