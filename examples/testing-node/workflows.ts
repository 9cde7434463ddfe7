import { callPerson } from 'temporal-truedy/workflow';

export async function confirmOrder(
  id: string,
  phoneNumber: string,
  taskQueue: string,
): Promise<string> {
  const call = { agent_id: 'agent_1', phone_number: phoneNumber };
  const redial = { maxAttempts: 2, after: { busy: ['15m'] } };
  const { outcome } = await callPerson({ call, redial }, { key: `order-${id}`, taskQueue });
  return outcome;
}
