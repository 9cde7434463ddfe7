import { API_DESCRIPTION } from '../../src/testing/simulator/api/openapi';
import { apiDescription, driftOf } from '../../src/truedy/openapi-drift';

/** The drift found after the given change to the documented API. */
function drift(change: (api: any) => void): readonly string[] {
  const api = structuredClone(API_DESCRIPTION);
  change(api);
  return driftOf(apiDescription.parse(api));
}
const schemaOf = (api: any) => api.components.schemas.CallCreate;

describe('Truedy’s description of its API', () => {
  it('agrees with this program as it is documented', () => {
    expect(drift(() => undefined)).toEqual([]);
  });

  it('may repeat the base path, rename parameters, and define a body inline', () => {
    const found = drift((api) => {
      const { '/calls': calls, '/agents': agents, ...rest } = api.paths;
      calls.post.requestBody.content['application/json'].schema = schemaOf(api);
      api.components = undefined;
      api.paths = {
        '/api/public/v1/calls': calls,
        '/api/public/v1/calls/{id}': rest['/calls/{call_id}'],
        '/api/public/v1/agents': agents,
      };
    });
    expect(found).toEqual([]);
  });

  it.each([
    [
      'a path that is gone',
      (api: any) => delete api.paths['/calls'].get,
      'GET /calls is undocumented',
    ],
    [
      'no way to place calls',
      (api: any) => delete api.paths['/calls'].post,
      'POST /calls is undocumented',
    ],
    [
      'a call that cannot be read',
      (api: any) => delete api.paths['/calls/{call_id}'],
      'GET /calls/{id} is undocumented',
    ],
    [
      'a field we never send',
      (api: any) => schemaOf(api).required.push('direction'),
      'POST /calls requires direction',
    ],
    [
      'a field it no longer knows',
      (api: any) => delete schemaOf(api).properties.variables,
      'POST /calls does not accept variables',
    ],
    [
      'another success',
      (api: any) => (api.paths['/calls'].post.responses = { 202: {} }),
      'POST /calls documents neither 200 nor 201',
    ],
    [
      'no body at all',
      (api: any) => delete api.paths['/calls'].post.requestBody,
      'POST /calls documents no request body',
    ],
  ])('differs by %s', (_, change, words) => {
    expect(drift(change)).toEqual([words]);
  });

  it('does not match another path with the same ending', () => {
    const found = drift((api) => {
      api.paths['/batch/calls'] = api.paths['/calls'];
      delete api.paths['/calls'];
    });
    expect(found).toContain('POST /calls is undocumented');
  });
});
