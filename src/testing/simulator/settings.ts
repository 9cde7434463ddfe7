import { chanceOf } from './script/faults';
import type {
  CallEndpoint,
  Dialect,
  ListScript,
  Outage,
  CallScript,
  ScriptRequest,
} from './script/script';

/** The current settings. */
export interface Settings {
  readonly defaults: CallScript;
  readonly numbers: Readonly<Record<string, CallScript | CallScript[]>>;
  readonly seed: NonNullable<ScriptRequest['seed']> | null;
  /** `sinceMs`: when it was set. */
  readonly list: ListScript & { readonly sinceMs: number };
  readonly outages: readonly (Outage & { readonly sinceMs: number })[];
  readonly rateLimit: NonNullable<ScriptRequest['rateLimit']>;
  readonly dialect: Readonly<Record<CallEndpoint, Dialect>>;
  readonly echo: boolean;
  readonly idempotency: NonNullable<ScriptRequest['idempotency']>;
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

/** Applies a request to change the settings. */
export function withRequest(settings: Settings, asked: ScriptRequest, nowMs: number): Settings {
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

/** The properties of a POST that decide its script. */
export interface ScriptQuery {
  readonly number: string;
  readonly reference: string | null;
  /** The count of earlier POSTs to this number, and with this reference. */
  readonly earlierToNumber: number;
  readonly earlierWithReference: number;
}

/** Merges the script of one POST; later parts win: defaults, virtual phone, seed, the number's own script. */
export function scriptFor(settings: Settings, virtual: CallScript, of: ScriptQuery): CallScript {
  const scripted = settings.numbers[of.number] ?? {};
  const list = Array.isArray(scripted) ? scripted : [scripted];
  const own = list[Math.min(of.earlierToNumber, list.length - 1)] ?? {};
  return { ...settings.defaults, ...virtual, ...seeded(settings, of), ...own };
}

function seeded({ seed }: Settings, of: ScriptQuery): CallScript {
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
  asked: ScriptRequest['dialect'],
): Settings['dialect'] {
  if (typeof asked === 'string') return { post: asked, read: asked, list: asked };
  return {
    post: asked?.post ?? now.post,
    read: asked?.read ?? now.read,
    list: asked?.list ?? now.list,
  };
}
