import { newNamespace } from '../support/namespace';
import { inputFor, startRig } from '../support/rig';
import { testClient } from '../support/temporal';

it('a call completes in a namespace without the search attributes, with one warning', async () => {
  const temporal = await testClient();
  const namespace = await newNamespace(temporal.connection);
  const rig = await startRig({ namespace, searchAttributes: 'auto' });
  try {
    const results = [
      await rig.run(inputFor('+14155550101')),
      await rig.run(inputFor('+14155550102')),
    ];
    expect(results.map(({ outcome }) => outcome)).toEqual(['answered', 'busy']);
    const warnings = rig.lines.filter((line) => line.includes('TT1010'));
    expect(warnings).toHaveLength(1);
    expect(JSON.parse(warnings[0] ?? '')).toMatchObject({ level: 40, namespace });
    expect(JSON.parse(warnings[0] ?? '').missing).toHaveLength(6);
  } finally {
    await rig.stop();
    await temporal.close();
  }
});
