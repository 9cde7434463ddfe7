import { hasCallPrefix, isCarriedKey, toWorkflowId } from '../../src/call/input';

describe('toWorkflowId', () => {
  it('is the key behind our prefix, once', () => {
    expect(toWorkflowId('crm-1')).toBe('call/crm-1');
    expect(toWorkflowId('call/crm-1')).toBe('call/crm-1');
  });
});

describe('hasCallPrefix', () => {
  it.each([
    ['call/crm-1', true],
    ['crm-1', false],
    ['recall/crm-1', false],
    ['call-1', false],
  ])('of %s is %s', (workflowId, has) => {
    expect(hasCallPrefix(workflowId)).toBe(has);
  });
});

describe('isCarriedKey', () => {
  it.each(['constructor', 'toString', 'phone_number', ''])('is true of %j', (key) => {
    expect(isCarriedKey(key)).toBe(true);
    expect(JSON.stringify(Object.assign({}, { [key]: 'a' }))).toContain('a');
  });

  it('is false of the one key that sets the prototype instead', () => {
    expect(isCarriedKey('__proto__')).toBe(false);
  });
});
