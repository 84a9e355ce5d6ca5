import { setTimeout as pause } from 'node:timers/promises'
import type { ChainReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import type { Command } from 'commander'
import { fetchUpstreams } from '../admin.ts'
import type { Context, TerminalSize } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { examples } from '../help.ts'
import { type Location, locate } from '../locations.ts'
import { writeJson } from '../terminal/json.ts'
import { paintFor } from '../terminal/paint.ts'
import { cutLines } from '../terminal/table.ts'
import { formatChain } from '../upstreams-table.ts'

const watchIntervalMs = 1_000
const clearScreen = '\u001b[2J'
const cursorHome = '\u001b[H'
const clearToLineEnd = '\u001b[K'
const clearToScreenEnd = '\u001b[J'

type UpstreamsOptions = { admin?: string; chain?: string; watch?: true; json?: true }

export function addUpstreamsCommand(program: Command, context: Context): void {
  program
    .command('upstreams')
    .summary('show the scores of upstreams, and why')
    .description(
      'Show each upstream of a gateway: its score from 1 to 10 with every factor (0 to 1, and the ' +
        'exponent it counts with), or 0 and the gate that holds it out of selection. A narrow terminal ' +
        'gets fewer columns.',
    )
    .option('--chain <name>', 'this chain alone')
    .option('--watch', 'show it anew each second, until Ctrl-C')
    .option('--admin <url>', 'admin port (default: MOORING_ADMIN, the local network, or port 8546)')
    .option('--json', 'print the report as one JSON object; with --watch one object a line')
    .addHelpText(
      'before',
      examples(
        'npx mooring upstreams',
        'npx mooring upstreams --chain eth --watch',
        'npx mooring upstreams --json',
      ),
    )
    .action((options: UpstreamsOptions) => {
      const admin = locate(context, 'admin', options.admin)
      return options.watch ? watch(context, admin, options) : showOnce(context, admin, options)
    })
}

async function showOnce(
  context: Context,
  admin: Location,
  options: UpstreamsOptions,
): Promise<void> {
  const report = await read(context, admin, options)
  if (options.json) writeJson(context, report)
  else context.stdout.write(formatReport(context, report))
}

/** The first look must succeed; a gateway that restarts later is waited for. */
async function watch(context: Context, admin: Location, options: UpstreamsOptions): Promise<void> {
  const interruption = context.interruption()
  let report = await read(context, admin, options, interruption)
  const isScreen = context.stdout.isTerminal && options.json !== true
  if (isScreen) context.stdout.write(clearScreen)
  while (!interruption.aborted) {
    if (options.json) context.stdout.write(`${JSON.stringify(report)}\n`)
    else writeFrame(context, formatReport(context, report), isScreen)
    await pause(watchIntervalMs, undefined, { signal: interruption }).catch(() => undefined)
    if (interruption.aborted) return
    try {
      report = await read(context, admin, options, interruption)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      if (!interruption.aborted) context.stderr.write(`${error.message}\n`)
    }
  }
}

async function read(
  context: Context,
  admin: Location,
  { chain }: UpstreamsOptions,
  signal?: AbortSignal,
): Promise<UpstreamsReport> {
  const { chains } = await fetchUpstreams(context, admin, signal)
  if (chain === undefined) return { chains }
  const chosen = chains.filter((candidate: ChainReport) => candidate.chain === chain)
  if (chosen.length > 0) return { chains: chosen }
  const served = chains.map((candidate) => candidate.chain).join(', ')
  throw new CommandError('badInput', `${admin.url} does not serve ${chain}. It serves: ${served}.`)
}

function formatReport(context: Context, { chains }: UpstreamsReport): string {
  const paint = paintFor(context)
  const { widthColumns = Number.POSITIVE_INFINITY } = context.stdout.size() ?? {}
  return chains.map((chain) => formatChain(chain, paint, widthColumns)).join('\n')
}

/** Overwrites the frame before instead of clearing the screen, which would flicker. */
function writeFrame(context: Context, text: string, isScreen: boolean): void {
  if (!isScreen) {
    context.stdout.write(`${text}\n`)
    return
  }
  const size = context.stdout.size()
  const frame = size === undefined ? text : cutToHeight(text, size)
  // Before each line: after one as wide as the window it would take the last character.
  const drawn = clearToLineEnd + frame.replaceAll('\n', `\n${clearToLineEnd}`)
  context.stdout.write(cursorHome + drawn + clearToScreenEnd)
}

/** Leaves the last line to the cursor: a frame that scrolls the window would be drawn ever lower. */
function cutToHeight(text: string, { widthColumns, heightLines }: TerminalSize): string {
  const lines = text.trimEnd().split('\n')
  if (lines.length < heightLines) return text
  const shown = lines.slice(0, Math.max(0, heightLines - 2))
  const rest = `… ${lines.length - shown.length} more lines, use --chain NAME`
  return `${[...shown, cutLines(rest, widthColumns)].join('\n')}\n`
}
