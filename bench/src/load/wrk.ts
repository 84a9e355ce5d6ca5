import { pinnedTo, runProgram } from '../harness/programs.ts'
import type { BlockNumbers } from './block-numbers.ts'

const script = `${import.meta.dir}/wrk.lua`
/** More than any server here answers in a second. */
const requestsPerSecondMax = 150_000

export type Asks = {
  /** The repeated ones ask for one block over and over, the others for another one each time. */
  kind: 'light' | 'full' | 'repeated' | 'repeatedFull'
  requestsPerBatch: number
  /** As many requests, or batches, are on their way at once. */
  connections: number
  /** Shorter answers than this are not what was asked for. */
  answerBytesMin: number
}

export type WrkRun = {
  /** Requests answered; each item of a batch counts. */
  requests: number
  tookSeconds: number
  /** Of wrk itself. */
  cpuSeconds: number
}

/** Keeps a server as busy as it can be. Throws when an answer is missing, is a failure or is too short. */
export async function runWrk(
  url: string,
  asks: Asks,
  options: { seconds: number; core: number; numbers: BlockNumbers; signal: AbortSignal },
): Promise<WrkRun> {
  const { seconds, core, numbers, signal } = options
  const isRepeated = asks.kind === 'repeated' || asks.kind === 'repeatedFull'
  const first = numbers.take(isRepeated ? 1 : requestsPerSecondMax * seconds)
  const command = ['wrk', '-t1', `-c${asks.connections}`, `-d${seconds}s`, '--timeout', '10s']
  const run = await runProgram({
    command: pinnedTo(core, [
      ...command,
      '-s',
      script,
      url,
      '--',
      asks.kind,
      String(first),
      String(asks.requestsPerBatch),
    ]),
    timeoutMs: (seconds + 20) * 1_000,
    signal,
  })
  const { answers, tookSeconds, bytes, failures } = parseWrkSummary(run.stdout)
  if (failures > 0) throw new Error(`${failures} of ${answers} answers of ${url} were failures`)
  const answerBytes = bytes / answers
  if (!(answerBytes >= asks.answerBytesMin)) {
    throw new Error(`${answers} answers of ${url} had ${Math.round(answerBytes)} bytes each`)
  }
  return { requests: answers * asks.requestsPerBatch, tookSeconds, cpuSeconds: run.cpuSeconds }
}

export type WrkSummary = {
  answers: number
  tookSeconds: number
  bytes: number
  failures: number
}

/** Reads the last line of the output, which our script writes. */
export function parseWrkSummary(output: string): WrkSummary {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  if (!line.startsWith('{"answers":')) throw new Error(`wrk wrote no summary:\n${output}`)
  // Written by our own script, whose members these are.
  return JSON.parse(line) as WrkSummary
}
