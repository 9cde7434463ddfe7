import pc from 'picocolors';

export const COLOR_WHEN = ['always', 'never', 'auto'] as const;
/** The values of `--color`. `auto` depends on the stream and the environment. */
export type ColorWhen = (typeof COLOR_WHEN)[number];

type Colors = ReturnType<typeof pc.createColors>;

/**
 * The colors of one stream. By default only a terminal is colored. picocolors would also color output
 * under `CI`, which scripts that parse it do not expect.
 *
 * @see https://no-color.org
 */
export function colorsFor(
  when: ColorWhen = 'auto',
  stream: { readonly isTTY?: boolean } = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Colors {
  const allowsColor = !env['NO_COLOR'] && !env['CI'] && env['TERM'] !== 'dumb';
  return pc.createColors(
    when === 'always' || (when === 'auto' && stream.isTTY === true && allowsColor),
  );
}
