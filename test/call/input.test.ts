import { hasCallPrefix, isCarriedKey, toWorkflowId } from '../../src/call/input';

describe('toWorkflowId', () => {
  it('adds our prefix, unless the key has it', () => {
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
  it.each(['constructor', 'toString', 'phone_number', ''])('is true for %j', (key) => {
    expect(isCarriedKey(key)).toBe(true);
    expect(JSON.stringify(Object.assign({}, { [key]: 'a' }))).toContain('a');
  });

  it('is false for the key that would set the prototype', () => {
    expect(isCarriedKey('__proto__')).toBe(false);
  });
});
