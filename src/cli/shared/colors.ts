import pc from 'picocolors';

export const COLOR_WHEN = ['always', 'never', 'auto'] as const;
/** Whether to use colour, as `--color` says it; `auto` by the stream and the environment. */
export type ColorWhen = (typeof COLOR_WHEN)[number];

type Colors = ReturnType<typeof pc.createColors>;

/**
 * The colours of one stream. By default there are some on a terminal alone: the library itself also
 * paints whatever runs under `CI`, which a script that reads us does not expect.
 *
 * @see https://no-color.org
 */
export function colorsFor(
  when: ColorWhen = 'auto',
  stream: { readonly isTTY?: boolean } = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): Colors {
  const isWelcome = !env['NO_COLOR'] && !env['CI'] && env['TERM'] !== 'dumb';
  return pc.createColors(
    when === 'always' || (when === 'auto' && stream.isTTY === true && isWelcome),
  );
}
