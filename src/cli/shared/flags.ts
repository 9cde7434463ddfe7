import { devNull } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMs } from '../../call/text/duration';
import { COLOR_WHEN, type ColorWhen } from './colors';
import { OUTPUT_FORMATS, TIME_FORMATS, type OutputFormat, type TimeFormat } from './output';
import { collect, RepeatableOption } from './parsers';

/** The flags of every command. */
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
 * Adds the flags of every command. They mean the same as those of `temporal`, which passes its own
 * common flags before our command; we accept them before and after it.
 */
export function withCommonFlags(command: Command): Command {
  return command
    .optionsGroup('Common options:')
    .addOption(choice('-o, --output <format>', 'Output format. Default: text.', OUTPUT_FORMATS))
    .addOption(choice('--time-format <format>', 'Time format. Default: iso.', TIME_FORMATS))
    .addOption(choice('--color <when>', 'Output coloring. Default: auto.', COLOR_WHEN))
    .option('--command-timeout <duration>', 'Time limit, such as 30s. Exits with 124.', toMs)
    .option('--client-connect-timeout <duration>', 'Time limit to connect. Default: 5s.', toMs)
    .addHelpOption(new Option('-h, --help', 'Show this help.').helpGroup('Common options:'))
    .optionsGroup('Connection options (same as temporal):')
    .option('--address <host:port>', 'Temporal server. Same as TEMPORAL_ADDRESS.')
    .option('-n, --namespace <name>', 'Temporal namespace. Same as TEMPORAL_NAMESPACE.')
    .option('--api-key <key>', 'API key. Prefer TEMPORAL_API_KEY, which no process list shows.')
    .option('--tls', 'Use TLS. Same as TEMPORAL_TLS.')
    .option('--tls-cert-path <file>', 'Same as TEMPORAL_TLS_CLIENT_CERT_PATH.')
    .option('--tls-cert-data <pem>', 'Same as TEMPORAL_TLS_CLIENT_CERT_DATA.')
    .option('--tls-key-path <file>', 'Same as TEMPORAL_TLS_CLIENT_KEY_PATH.')
    .option('--tls-ca-path <file>', 'Same as TEMPORAL_TLS_SERVER_CA_CERT_PATH.')
    .option('--tls-ca-data <pem>', 'Same as TEMPORAL_TLS_SERVER_CA_CERT_DATA.')
    .option('--tls-server-name <name>', 'Same as TEMPORAL_TLS_SERVER_NAME.')
    .option('--tls-disable-host-verification', 'Accept any certificate.')
    .addOption(grpcMeta())
    .option('--profile <name>', 'Profile of temporal.toml. Same as TEMPORAL_PROFILE.')
    .option('--config-file <file>', 'Path of temporal.toml. Same as TEMPORAL_CONFIG_FILE.')
    .option('--disable-config-env', 'Ignore TEMPORAL_ variables of the environment.')
    .option('--disable-config-file', 'Ignore temporal.toml.')
    .addOption(new Option('--log-level <level>', 'Accepted and ignored.').hideHelp())
    .addOption(new Option('--log-format <format>', 'Accepted and ignored.').hideHelp());
}

/** Parses a duration. @returns Milliseconds. */
export function toMs(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected a duration, such as 30s or 2m.');
  return ms;
}

/** The flags of a command that runs, with those given before its name. */
export function flagsOf(command: Command): CommonFlags & Readonly<Record<string, unknown>> {
  const given = command.optsWithGlobals<Partial<CommonFlags>>();
  return { ...given, output: given.output ?? 'text', timeFormat: given.timeFormat ?? 'iso' };
}

/** The output format of a command line that may be invalid. */
export function readFormat(argv: readonly string[]): OutputFormat {
  const at = argv.findIndex((word) => /^(-o.*|--output(=.*)?)$/.test(word));
  const word = argv[at]?.replace(/^(-o=?|--output=?)/, '') || argv[at + 1];
  return (at >= 0 && OUTPUT_FORMATS.find((format) => format === word)) || 'text';
}

/** The environment with the flags applied. */
export function withFlags(env: NodeJS.ProcessEnv, flags: CommonFlags): NodeJS.ProcessEnv {
  const kept = flags.disableConfigEnv
    ? Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))
    : Object.entries(env);
  const given = {
    // An empty file: without a name, the SDK reads the file at its usual place.
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

function choice(flags: string, description: string, accepted: readonly string[]): Option {
  return new Option(flags, description).choices(accepted);
}

function grpcMeta(): Option {
  const option = new RepeatableOption('--grpc-meta <key=value>', 'Header of every request.');
  return option.argParser((text: string, given?: readonly string[]) => {
    if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('Expected key=value.');
    return collect(text, given);
  });
}
