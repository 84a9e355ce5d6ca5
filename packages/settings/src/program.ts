import { parseArgs } from 'node:util'

/** What every service does as a program: how it is called, how it says that it cannot run, and how it is stopped. */

/**
 * Runs a service's main function. Exit codes: 0 stopped as asked, 1 could not run, 2 wrong arguments or configuration.
 */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    const code = (error as { code?: string }).code
    const message = error instanceof Error ? error.message : String(error)
    exitWith(code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1, message)
  }
}

export type ProgramArguments = {
  /** Of the configuration. */
  file: string
  /** Whether the configuration is only to be checked. */
  isCheck: boolean
  /** What stands beside the options. */
  words: string[]
}

/** One thumbprint in 64 begins with a dash, and is no option. */
const dashedThumbprint = /^-[A-Za-z0-9_-]{42}$/

/**
 * Ends the program when help is asked for, no configuration is named, or more is said than is understood.
 *
 * @param wordsMax - Words beside the options; none by default.
 */
export function readArguments(
  usage: string,
  { wordsMax = 0 }: { wordsMax?: number } = {},
): ProgramArguments {
  const given = process.argv.slice(2)
  const dashed = given.filter((word) => dashedThumbprint.test(word))
  const others = given.filter((word) => !dashed.includes(word))
  const { values, positionals: words } = parseArgs({
    args: dashed.length === 0 ? given : [...others, '--', ...dashed],
    allowPositionals: wordsMax > 0,
    options: {
      config: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  if (values.config === undefined || words.length > wordsMax) return exitWith(2, usage)
  return { file: values.config, isCheck: values.check, words }
}

/** The end of a check: what was found, as one JSON object. */
export function exitWithCheck(found: { ok: boolean } & Record<string, unknown>): never {
  process.stdout.write(`${JSON.stringify(found)}\n`)
  process.exit(found.ok ? 0 : 2)
}

export function exitWith(code: number, message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(code)
}

/** A terminal and npm may both send one Ctrl-C; signals this close together are one. */
const repeatMs = 300

/** The first signal stops gracefully, and the program ends when that is done; a later one forces. */
export function stopOnSignals(stop: (signal: string) => Promise<unknown>): void {
  let firstMs: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const nowMs = performance.now()
      if (firstMs === undefined) {
        firstMs = nowMs
        void stop(signal).then(() => process.exit(0))
      } else if (nowMs - firstMs > repeatMs) process.exit(1)
    })
  }
}
