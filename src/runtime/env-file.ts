import { parseEnv } from 'node:util';
import { hiddenCharacter, hiddenInName } from '../call/text/characters';
import { readOptionalText } from './text-file';

export const ENV_FILE = '.env';

const NAME_IN_LINE = /^\s*(?:export\s+)?([^\s=]+)\s*=/;
/** Settings of ours and of Temporal; a file may hold those of other programs, too. */
const OUR_NAME = /^(?:TRUEDY|TEMPORAL|WEBHOOK|HEALTH|METRICS|SIMULATOR|LOG)_/;
const LOOPBACK = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:\/|$)/;
/** Each secret, and the settings that decide which server receives it. */
const RECEIVERS = [
  ['TRUEDY_API_KEY', ['TRUEDY_BASE_URL']],
  ['TEMPORAL_API_KEY', ['TEMPORAL_ADDRESS', 'TEMPORAL_CONFIG_FILE']],
] as const;

/** `.env` of the folder a process is started in. */
export interface EnvFile {
  readonly values: Readonly<NodeJS.Dict<string>>;
  readonly lines: readonly string[];
}

/** @throws TextFileError where the file is there and is not UTF-8 text. */
export function readEnvFile(): EnvFile {
  const text = readOptionalText(ENV_FILE) ?? '';
  return { values: parseEnv(text), lines: text.split(/\r\n|\n|\r/) };
}

/** Where the file sets a name: `.env:3`. Of two lines for one name the later counts. */
export function placeOf({ lines }: EnvFile, name: string): string {
  const line = lines.findLastIndex((text) => NAME_IN_LINE.exec(text)?.[1] === name);
  return `${ENV_FILE}:${line + 1}`;
}

/** A name or value with a character that no editor shows: the setting would be another one, or be missing. */
export function hiddenProblems(file: EnvFile): readonly string[] {
  return Object.entries(file.values).flatMap(([name, value = '']) => {
    const inName = hiddenInName(name);
    if (inName !== undefined) {
      const line = file.lines.findIndex((text) => text.includes(name)) + 1;
      return [`${ENV_FILE}:${line} has a hidden character in the name of a setting: ${inName}`];
    }
    // A certificate in quotes has lines.
    const inValue = hiddenCharacter(value.replace(/[\r\n\t]/g, ''));
    return inValue !== undefined && OUR_NAME.test(name)
      ? [`${name} (from ${placeOf(file, name)}) contains ${inValue}`]
      : [];
  });
}

/**
 * A secret of the real environment that would go to a server which the file names. Whoever writes a folder
 * could otherwise collect the keys of everyone who runs a command in it.
 *
 * @param env The environment before the file is applied to it.
 */
export function misdirectedSecrets(file: EnvFile, env: NodeJS.ProcessEnv): readonly string[] {
  const { values } = file;
  return RECEIVERS.flatMap(([secret, names]) => {
    if (!env[secret] || env[secret] === values[secret]) return [];
    return names
      .filter((name) => env[name] === undefined && values[name] && !LOOPBACK.test(values[name]))
      .map(
        (name) =>
          `${name} (from ${placeOf(file, name)}) would receive ${secret} (from env): set both in the same place`,
      );
  });
}
