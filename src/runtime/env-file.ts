import { parseEnv } from 'node:util';
import { hiddenCharacter, hiddenInName } from '../call/text/characters';
import { readOptionalText } from './text-file';

export const ENV_FILE = '.env';

const NAME_IN_LINE = /^\s*(?:export\s+)?([^\s=]+)\s*=/;
/** Settings of this program and of Temporal. The file may contain settings of other programs, too. */
const OUR_NAME = /^(?:TRUEDY|TEMPORAL|WEBHOOK|HEALTH|METRICS|SIMULATOR|LOG|CODEC)_/;
const LOOPBACK = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;
/** Each secret, with the settings that determine which server receives it. */
const RECEIVERS = [
  ['TRUEDY_API_KEY', ['TRUEDY_BASE_URL']],
  ['TEMPORAL_API_KEY', ['TEMPORAL_ADDRESS', 'TEMPORAL_CONFIG_FILE']],
] as const;

/** The `.env` file of the current folder. */
export interface EnvFile {
  readonly values: Readonly<NodeJS.Dict<string>>;
  readonly lines: readonly string[];
}

/** An absent file is empty. @throws TextFileError if the file is not UTF-8 text. */
export function readEnvFile(): EnvFile {
  const text = readOptionalText(ENV_FILE) ?? '';
  return { values: parseEnv(text), lines: text.split(/\r\n|\n|\r/) };
}

/** The line that sets a variable, such as `.env:3`. If several lines set it, the last one applies. */
export function lineOf({ lines }: EnvFile, name: string): string {
  const line = lines.findLastIndex((text) => NAME_IN_LINE.exec(text)?.[1] === name);
  return `${ENV_FILE}:${line + 1}`;
}

/** Invisible characters in names or values, which would silently change or disable a setting. */
export function hiddenProblems(file: EnvFile): readonly string[] {
  return Object.entries(file.values).flatMap(([name, value = '']) => {
    const inName = hiddenInName(name);
    if (inName !== undefined) {
      const line = file.lines.findIndex((text) => text.includes(name)) + 1;
      return [`${ENV_FILE}:${line} has a hidden character in the name of a setting: ${inName}`];
    }
    // A quoted certificate contains line breaks.
    const inValue = hiddenCharacter(value.replace(/[\r\n\t]/g, ''));
    return inValue !== undefined && OUR_NAME.test(name)
      ? [`${name} (from ${lineOf(file, name)}) contains ${inValue}`]
      : [];
  });
}

/**
 * Secrets of the environment that would be sent to a server named by the file. Otherwise the author of a folder could
 * collect the keys of every user who runs a command in it.
 *
 * @param env The environment before the file is loaded.
 */
export function misdirectedSecrets(file: EnvFile, env: NodeJS.ProcessEnv): readonly string[] {
  const { values } = file;
  return RECEIVERS.flatMap(([secret, names]) => {
    if (!env[secret] || env[secret] === values[secret]) return [];
    return names
      .filter((name) => env[name] === undefined && values[name] && !LOOPBACK.test(values[name]))
      .map(
        (name) =>
          `${name} (from ${lineOf(file, name)}) would receive ${secret} (from env). Set both in the same place`,
      );
  });
}
