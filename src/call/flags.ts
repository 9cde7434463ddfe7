/**
 * Why a person should look at an attempt. A flag stays, and no further attempt of its run is dialed.
 *
 * The words are public: `flags` of each attempt in result and `getCall`, and the label of a metric.
 */
export const FLAGS = {
  second_call: 'a second call carries the reference of this attempt',
  other_number: 'a call carries the reference of this attempt and does not show our number',
  contradicted: 'reports contradict each other about how the call ended',
  dialed_after_all: 'Truedy reports a call that a person said was not dialed',
} as const;
export type Flag = keyof typeof FLAGS;
