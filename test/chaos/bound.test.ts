import { boundOf } from './bound';
import { drawn } from './judge-cases';
import { scaled } from './scale';

const MET = { runs: 1, incidents: 0 };

it('allows the limit of a call in progress, if no read of it can be believed', () => {
  const believed = boundOf(drawn([{ phone: 'answered' }]), MET);
  const unread = boundOf(drawn([{ phone: 'answered', read: { number: '+14155550199' } }]), MET);
  expect(believed).toBeLessThan(scaled('4h'));
  expect(unread).toBeGreaterThan(scaled('4h'));
});
