import { devNull } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMs } from '../../call/text/duration';
import { COLOR_WHEN, type ColorWhen } from './colors';
import { OUTPUT_FORMATS, type OutputFormat } from './output';
import { collect } from './parsers';

/** How instants are told: as they are, or as a distance from now. */
export type TimeFormat = 'iso' | 'raw' | 'relative';

/** What every verb is given besides its own flags. */
export interface CommonFlags {
  readonly output: OutputFormat;
  readonly timeFormat: TimeFormat;
  readonly color?: ColorWhen;
  readonly address?: string;
  readonly namespace?: string;
  readonly apiKey?: string;
  readonly tls?: boolean;
  readonly tlsCertPath?: string;
  readonly tlsCertData?: string;
  readonly tlsKeyPath?: string;
  readonly tlsCaPath?: string;
  readonly tlsCaData?: string;
  readonly tlsServerName?: string;
  readonly tlsDisableHostVerification?: boolean;
  /** Each `key=value`. */
  readonly grpcMeta?: readonly string[];
  readonly profile?: string;
  readonly configFile?: string;
  readonly disableConfigEnv?: boolean;
  readonly disableConfigFile?: boolean;
  /** In milliseconds. */
  readonly clientConnectTimeout?: number;
}

/**
 * The flags that mean the same as those of the `temporal` command, which puts its common ones in front
 * of our verb. Here both kinds are taken in both places.
 */
export function withCommonFlags(command: Command): Command {
  return command
    .optionsGroup('For every verb:')
    .addOption(choice('-o, --output <format>', 'how to tell it', OUTPUT_FORMATS))
    .addOption(choice('--time-format <format>', 'how to tell times', ['iso', 'raw', 'relative']))
    .addOption(choice('--color <when>', 'whether to use colour', COLOR_WHEN))
    .option('--command-timeout <duration>', 'give up after, such as 30s; exit 124', toMs)
    .option('--client-connect-timeout <duration>', 'how long to try; 5s', toMs)
    .optionsGroup('To reach Temporal, as the temporal command:')
    .option('--address <host:port>', 'Temporal, as TEMPORAL_ADDRESS')
    .option('-n, --namespace <name>', 'as TEMPORAL_NAMESPACE')
    .option('--api-key <key>', 'as TEMPORAL_API_KEY, which no list of processes shows')
    .option('--tls', 'as TEMPORAL_TLS')
    .option('--tls-cert-path <file>', 'as TEMPORAL_TLS_CLIENT_CERT_PATH')
    .option('--tls-cert-data <pem>', 'as TEMPORAL_TLS_CLIENT_CERT_DATA')
    .option('--tls-key-path <file>', 'as TEMPORAL_TLS_CLIENT_KEY_PATH')
    .option('--tls-ca-path <file>', 'as TEMPORAL_TLS_SERVER_CA_CERT_PATH')
    .option('--tls-ca-data <pem>', 'as TEMPORAL_TLS_SERVER_CA_CERT_DATA')
    .option('--tls-server-name <name>', 'as TEMPORAL_TLS_SERVER_NAME')
    .option('--tls-disable-host-verification', 'take any certificate')
    .option('--grpc-meta <key=value>', 'a header of every request (repeatable)', toPairs)
    .option('--profile <name>', 'a profile of temporal.toml')
    .option('--config-file <file>', 'as TEMPORAL_CONFIG_FILE')
    .option('--disable-config-env', 'take nothing of Temporal from the environment')
    .option('--disable-config-file', 'take nothing from temporal.toml')
    .addOption(new Option('--log-level <level>', 'taken and not used').hideHelp())
    .addOption(new Option('--log-format <format>', 'taken and not used').hideHelp());
}

/** A duration flag, in milliseconds. */
export function toMs(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('It is not a duration, such as 30s or 2m.');
  return ms;
}

/** The flags of a verb that runs, with those that stood in front of it. */
export function flagsOf(command: Command): CommonFlags & Readonly<Record<string, unknown>> {
  const given = command.optsWithGlobals<Partial<CommonFlags>>();
  return { ...given, output: given.output ?? 'text', timeFormat: given.timeFormat ?? 'iso' };
}

/** The output asked for on a command line that may not be one we understand. */
export function readFormat(argv: readonly string[]): OutputFormat {
  const at = argv.findIndex((word) => /^(-o.*|--output(=.*)?)$/.test(word));
  const word = argv[at]?.replace(/^(-o=?|--output=?)/, '') || argv[at + 1];
  return (at >= 0 && OUTPUT_FORMATS.find((format) => format === word)) || 'text';
}

/** The environment as the flags change it. */
export function withFlags(env: NodeJS.ProcessEnv, flags: CommonFlags): NodeJS.ProcessEnv {
  const kept = flags.disableConfigEnv
    ? Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))
    : Object.entries(env);
  const given = {
    // An empty file stands for none; leaving the name out would mean the file at its usual place.
    TEMPORAL_CONFIG_FILE: flags.disableConfigFile ? devNull : flags.configFile,
    TEMPORAL_ADDRESS: flags.address,
    TEMPORAL_NAMESPACE: flags.namespace,
    TEMPORAL_API_KEY: flags.apiKey,
    TEMPORAL_PROFILE: flags.profile,
    TEMPORAL_TLS: flags.tls ? '1' : undefined,
    TEMPORAL_TLS_CLIENT_CERT_PATH: flags.tlsCertPath,
    TEMPORAL_TLS_CLIENT_CERT_DATA: flags.tlsCertData,
    TEMPORAL_TLS_CLIENT_KEY_PATH: flags.tlsKeyPath,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: flags.tlsCaPath,
    TEMPORAL_TLS_SERVER_CA_CERT_DATA: flags.tlsCaData,
    TEMPORAL_TLS_SERVER_NAME: flags.tlsServerName,
    TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: flags.tlsDisableHostVerification ? '1' : undefined,
    ...headersOf(flags.grpcMeta ?? []),
  };
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...kept, ...set]);
}

// --- internal ---

function headersOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      const name = text.slice(0, at).toUpperCase().replace(/-/g, '_');
      return [`TEMPORAL_GRPC_META_${name}`, text.slice(at + 1)];
    }),
  );
}

function choice(flag: string, description: string, words: readonly string[]): Option {
  return new Option(flag, description).choices(words);
}

function toPairs(text: string, known?: readonly string[]): readonly string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('It is not key=value.');
  return collect(text, known);
}
