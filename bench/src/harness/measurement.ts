import { stopOnSignals } from '@mooring/testkit/local-network/signals'
import { createReport, describeMachine, type Figures, thisMachine } from './report.ts'

export type MeasureContext = {
  /** Aborted on Ctrl-C and when the time is up: whoever holds processes ends them. */
  signal: AbortSignal
  /** Progress, on stderr. */
  say: (message: string) => void
}

export type Measured = {
  figures: Figures
  /** Tables for people. */
  text: string
  /** A sentence for each bound that was broken. */
  broken: readonly string[]
}

export type Measurement = {
  name: string
  timeoutMs: number
  measure(context: MeasureContext): Promise<Measured>
}

/**
 * Runs a benchmark or a drill as a command: tables or one JSON object on stdout, talk on stderr.
 *
 * @returns The exit code: 0 all bounds held, 1 one was broken or it could not be measured.
 */
export async function runMeasurement(
  { name, timeoutMs, measure }: Measurement,
  { json }: { json: boolean },
): Promise<number> {
  const stopping = stopOnSignals(() => process.exit(1))
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([stopping, timeout])
  const machine = thisMachine()
  say(describeMachine(machine))
  try {
    const { figures, text, broken } = await measure({ signal, say })
    const report = createReport(name, machine, figures)
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : `\n${text}`)
    for (const sentence of broken) say(`broken: ${sentence}`)
    return broken.length === 0 ? 0 : 1
  } catch (error) {
    if (stopping.aborted) say('stopped')
    else if (timeout.aborted) say(`${name} was ended after ${timeoutMs / 1_000} s`)
    else say(`${name} could not be measured: ${messageOf(error)}`)
    return 1
  }
}

function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
