import { chanceOf } from './script/faults';
import type { CallEndpoint, Dialect, ListPlan, Outage, Plan, PlanRequest } from './script/script';

/** What rules at this moment. */
export interface Settings {
  readonly defaults: Plan;
  readonly numbers: Readonly<Record<string, Plan | Plan[]>>;
  readonly seed: NonNullable<PlanRequest['seed']> | null;
  /** `sinceMs`: when it was set. */
  readonly list: ListPlan & { readonly sinceMs: number };
  readonly outages: readonly (Outage & { readonly sinceMs: number })[];
  readonly rateLimit: NonNullable<PlanRequest['rateLimit']>;
  readonly dialect: Readonly<Record<CallEndpoint, Dialect>>;
  readonly echo: boolean;
  readonly idempotency: NonNullable<PlanRequest['idempotency']>;
}

export function initialSettings(perMinute: number | null): Settings {
  return {
    defaults: {},
    numbers: {},
    seed: null,
    list: { sinceMs: 0 },
    outages: [],
    rateLimit: { perMinute, code: 'rate_limited', as500: false },
    dialect: { post: 'guide', read: 'guide', list: 'guide' },
    echo: true,
    idempotency: { mode: 'documented' },
  };
}

/** The settings after a request to change them. */
export function withRequest(settings: Settings, asked: PlanRequest, nowMs: number): Settings {
  return {
    defaults: asked.defaults ?? settings.defaults,
    numbers: { ...settings.numbers, ...asked.numbers },
    seed: asked.seed === undefined ? settings.seed : asked.seed,
    list: asked.list ? { ...asked.list, sinceMs: nowMs } : settings.list,
    outages:
      asked.outages?.map((outage) => ({ ...outage, sinceMs: nowMs + outage.fromMs })) ??
      settings.outages,
    rateLimit: asked.rateLimit ?? settings.rateLimit,
    dialect: dialectsAfter(settings.dialect, asked.dialect),
    echo: asked.echo ?? settings.echo,
    idempotency: asked.idempotency ?? settings.idempotency,
  };
}

/** One POST, as far as the choice of its plan goes. */
export interface PlanQuestion {
  readonly number: string;
  readonly reference: string | null;
  /** How many POSTs to this number there were before, and with this reference. */
  readonly earlierToNumber: number;
  readonly earlierWithReference: number;
}

/** The plan of one POST: the defaults, then the virtual phone, then the seed, then what the number was given. */
export function planFor(settings: Settings, virtual: Plan, of: PlanQuestion): Plan {
  const given = settings.numbers[of.number] ?? {};
  const list = Array.isArray(given) ? given : [given];
  const own = list[Math.min(of.earlierToNumber, list.length - 1)] ?? {};
  return { ...settings.defaults, ...virtual, ...seeded(settings, of), ...own };
}

function seeded({ seed }: Settings, of: PlanQuestion): Plan {
  if (seed === null || of.reference === null || of.earlierWithReference >= seed.posts) return {};
  const drawn = chanceOf(seed.value, of.reference);
  let upTo = 0;
  for (const { chance, plan } of seed.faults) {
    upTo += chance;
    if (drawn < upTo) return plan;
  }
  return {};
}

function dialectsAfter(
  now: Settings['dialect'],
  asked: PlanRequest['dialect'],
): Settings['dialect'] {
  if (typeof asked === 'string') return { post: asked, read: asked, list: asked };
  return {
    post: asked?.post ?? now.post,
    read: asked?.read ?? now.read,
    list: asked?.list ?? now.list,
  };
}
