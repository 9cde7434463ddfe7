import { parsePolicy, policyWarnings } from '../../call/contact/policy';
import type { Setting } from '../../runtime/list-settings';
import { contactFingerprint, fingerprintIn } from '../../temporal/contact-fingerprint';
import { requireSetting } from '../config/settings-view';
import { failure, ok, warning, type CheckResult } from './finding';

/**
 * Checks that the contact limits are valid, and that every worker has the same policy and key. Each worker shows a hash
 * of both in its identity.
 *
 * @param identities Of the workers that poll. One that polls both queues is listed twice.
 * @throws SettingsError if policy or key is invalid here.
 */
export function checkContacts(
  settings: readonly Setting[],
  identities: readonly string[],
): CheckResult {
  const here = limitsHere(settings);
  const byFingerprint = groups(identities);
  const hidden = byFingerprint.get('hidden') ?? [];
  byFingerprint.delete('hidden');
  const [first, ...others] = byFingerprint.keys();
  if (others.length > 0) return differing(byFingerprint);
  const ours = here?.fingerprint ?? 'none';
  if (first !== undefined && first !== ours) return differsHere(ours, first);
  const count = new Set(identities).size;
  const problems = [
    ...(here?.warnings ?? []),
    ...(hidden.length > 0 && here !== undefined
      ? [`not checked for workers with identities of their own: ${shown(hidden)}`]
      : []),
  ];
  if (problems.length > 0) return warning(problems.join(' · '), SEE_DOCS);
  if (here === undefined) return ok(`off; ${SEE_DOCS}`);
  if (count === 0) return ok(`valid here, ${ours}; no worker to compare with`);
  return ok(`${ours} here and on ${count === 1 ? 'the worker' : `all ${count} workers`}`);
}

// --- internal ---

const SEE_DOCS = 'docs/contacts.md';
const SAME = 'Set the same TRUEDY_CONTACT_POLICY and TRUEDY_CONTACT_KEY for every worker';

/** The limits in the settings of this folder; `undefined` without a policy. */
function limitsHere(settings: readonly Setting[]) {
  const text = requireSetting(settings, 'TRUEDY_CONTACT_POLICY');
  if (text === '') return undefined;
  const key = requireSetting(settings, 'TRUEDY_CONTACT_KEY');
  const parsed = parsePolicy(text);
  if (!('policy' in parsed)) return undefined;
  const { policy } = parsed;
  return { fingerprint: contactFingerprint({ policy, key }), warnings: policyWarnings(policy) };
}

function groups(identities: readonly string[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const identity of new Set(identities)) {
    const fingerprint = fingerprintIn(identity);
    found.set(fingerprint, [...(found.get(fingerprint) ?? []), identity]);
  }
  return found;
}

function differing(byFingerprint: ReadonlyMap<string, readonly string[]>): CheckResult {
  const held = [...byFingerprint].map(([limits, workers]) => `${limits} (${shown(workers)})`);
  return failure(
    `TT6007  The contact limits of the workers differ: ${held.join(' and ')}. Each worker only ` +
      'respects its own, and a person can be called too often. A stopped worker is listed for 2 min.',
    `${SAME}, then restart them`,
    SEE_DOCS,
  );
}

function differsHere(here: string, there: string): CheckResult {
  if (here === 'none') {
    return warning(
      `${there} on the workers, but none here: a worker with the settings here would limit nothing`,
      SAME,
    );
  }
  const theirs = there === 'none' ? 'the workers have none' : `${there} on the workers`;
  return failure(
    `TT6007  The contact limits differ: ${here} here, but ${theirs}.`,
    `${SAME}, then restart them`,
    'temporal truedy config show',
  );
}

/** The first three, without the part that the group shows already. */
function shown(identities: readonly string[]): string {
  const names = identities.map((identity) => identity.replace(/ contacts:[0-9a-f]{8}$/, ''));
  return [...names.slice(0, 3), ...(names.length > 3 ? ['…'] : [])].join(', ');
}
