import type { Context } from '../context.ts'

/** The whole answer of a command under `--json`: one value, readable by people too. */
export function writeJson(context: Context, value: unknown): void {
  context.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}
