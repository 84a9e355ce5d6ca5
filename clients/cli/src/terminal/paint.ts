import type { Context } from '../context.ts'

const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const satisfies Record<string, readonly [on: number, off: number]>

export type Style = keyof typeof styles
export type Paint = (style: Style, text: string) => string

/**
 * Colours for stdout: on a terminal only, and never against the wish in `NO_COLOR`.
 *
 * @see https://no-color.org
 */
export function paintFor(context: Pick<Context, 'stdout' | 'env'>): Paint {
  const { NO_COLOR, TERM } = context.env
  if (!context.stdout.isTerminal || NO_COLOR || TERM === 'dumb') return (_, text) => text
  return (style, text) => {
    const [on, off] = styles[style]
    return `\u001b[${on}m${text}\u001b[${off}m`
  }
}
