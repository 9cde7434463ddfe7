import { z } from 'zod';
import { TruedyContractError } from '../../src/truedy/errors';
import { parseAnswer } from '../../src/truedy/get-json';

const PAGE = z.object({
  rows: z.array(z.object({ id: z.string(), status: z.string() })),
  total: z.number(),
  offset: z.number(),
});

describe('parseAnswer', () => {
  it.each([
    ['the place in it', { rows: [{ id: 7, status: 'a' }], total: 1, offset: 0 }, 'rows.0.id'],
    ['the body as such', 'secret', 'the body'],
    ['the first three of many places', { rows: [{}] }, 'rows.0.id, rows.0.status, total'],
  ])('says where a body is wrong: %s', (_, body, where) => {
    const read = () => parseAnswer('GET /calls', body, PAGE);
    expect(read).toThrow(TruedyContractError);
    expect(read).toThrow(
      new Error(`GET /calls answered 2xx with an unexpected format at ${where}`),
    );
  });

  it('never quotes the value', () => {
    const body = { rows: '+14155550101', total: '+14155550102', offset: {} };
    expect(() => parseAnswer('GET /calls', body, PAGE)).toThrow(/^(?!.*1415555)/);
  });
});
