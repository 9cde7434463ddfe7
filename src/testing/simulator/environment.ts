import { z } from 'zod';
import { wrongSettingsError } from '../../runtime/process';
import { EVENTS } from './script/script';

/** Set to an empty value, it turns webhooks off. */
const NO_ADDRESS = 'SIMULATOR_WEBHOOK_URL';
const DEFAULT_WEBHOOK_URL = 'http://127.0.0.1:8787/webhooks/truedy';

const environmentSchema = z
  .object({
    SIMULATOR_HOST: z.string().default('127.0.0.1'),
    SIMULATOR_PORT: z
      .string()
      .regex(/^\d{1,5}$/, 'is not a port such as 8788')
      .transform(Number)
      .refine((port) => port <= 65_535, 'is over 65535')
      .default(8788),
    SIMULATOR_WEBHOOK_URL: z
      .union([
        z.literal(''),
        z.url({ protocol: /^https?$/, error: 'is not an http or https address' }),
      ])
      .default(DEFAULT_WEBHOOK_URL),
    SIMULATOR_WEBHOOK_SECRET: z.string().optional(),
    TRUEDY_WEBHOOK_SECRETS: z.string().optional(),
    SIMULATOR_EVENTS: z
      .string()
      .default('call.ended,call.failed')
      .transform((list) => list.split(',').map((event) => event.trim()))
      .pipe(z.array(z.enum(EVENTS, { error: `names events other than ${EVENTS.join(', ')}` }))),
    SIMULATOR_API_KEY: z.string().optional(),
    TRUEDY_API_KEY: z.string().optional(),
    SIMULATOR_LEDGER: z.string().optional(),
    LOG_FORMAT: z.enum(['json', 'text'], { error: 'is neither json nor text' }).optional(),
    SIMULATOR_SPEED: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'is not a number such as 10')
      .transform(Number)
      .refine((speed) => speed > 0, 'is not above 0')
      .default(1),
  })
  .transform((env, context) => {
    const webhookSecret = env.SIMULATOR_WEBHOOK_SECRET ?? firstOf(env.TRUEDY_WEBHOOK_SECRETS);
    const webhookUrl = env.SIMULATOR_WEBHOOK_URL === '' ? undefined : env.SIMULATOR_WEBHOOK_URL;
    if (webhookUrl !== undefined && webhookSecret === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['SIMULATOR_WEBHOOK_SECRET'],
        message: 'is needed to sign webhooks; an empty SIMULATOR_WEBHOOK_URL sends none',
      });
    }
    return {
      host: env.SIMULATOR_HOST,
      port: env.SIMULATOR_PORT,
      webhookUrl,
      webhookSecret,
      events: env.SIMULATOR_EVENTS,
      apiKey: env.SIMULATOR_API_KEY ?? env.TRUEDY_API_KEY,
      ledgerPath: env.SIMULATOR_LEDGER,
      speed: env.SIMULATOR_SPEED,
      logFormat: env.LOG_FORMAT,
    };
  });

function firstOf(list: string | undefined): string | undefined {
  return list
    ?.split(',')
    .map((secret) => secret.trim())
    .find((secret) => secret !== '');
}

export type SimulatorConfig = z.infer<typeof environmentSchema>;

/** @throws SettingsError that names every problem, but no values, which may be secret. */
export function readSimulatorConfig(env: NodeJS.ProcessEnv): SimulatorConfig {
  // An empty variable is treated as unset, except for the webhook URL.
  const set = Object.entries(env).filter(([name, value]) => value !== '' || name === NO_ADDRESS);
  const parsed = environmentSchema.safeParse(Object.fromEntries(set));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw wrongSettingsError(problems, 'Each is described in docs/simulator.md');
}
