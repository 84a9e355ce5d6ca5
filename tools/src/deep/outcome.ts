import type { ForgeTest } from '@mooring/testkit/forge'
import { type Part, parts, type Slice } from './plan.ts'

/** What a slice came to. */
export type Outcome = { runs: number; calls: number; seconds: number; findings: readonly string[] }

/** By the id of the slice. */
export type Outcomes = Readonly<Record<string, Outcome>>

/** Without a test nothing was proven, so that counts as a finding. */
export function outcomeOf(tests: readonly ForgeTest[], seconds: number): Outcome {
  const findings = tests
    .filter(({ passed }) => !passed)
    .map(({ suite, name, reason, counterexample }) =>
      [`${suite} ${name}: ${reason}`, ...counterexampleLines(counterexample)].join('\n    '),
    )
  return {
    runs: tests.reduce((sum, { runs }) => sum + runs, 0),
    calls: tests.reduce((sum, { calls }) => sum + calls, 0),
    seconds,
    findings: tests.length === 0 ? ['no test ran'] : findings,
  }
}

type Call = { contract_name?: string; func_name?: string; signature?: string; args?: string }

/** One line for each call that leads to the failure; what is not understood is told as it is. */
export function counterexampleLines(counterexample: unknown): string[] {
  if (counterexample === undefined) return []
  const { Sequence: sequence, Single: single } = counterexample as {
    Sequence?: [number, Call[]] | Call[]
    Single?: Call
  }
  const calls = single === undefined ? (sequence ?? []).flat() : [single]
  const lines = calls
    .filter((call): call is Call => typeof call === 'object')
    .map(
      (call) =>
        `${call.contract_name?.split(':').at(-1) ?? ''} ${call.func_name ?? call.signature ?? ''}(${call.args ?? ''})`,
    )
  return lines.length > 0 ? lines : [JSON.stringify(counterexample)]
}

type PartSum = { part: Part; done: number; of: number } & Omit<Outcome, 'findings'> & {
    findings: number
  }

export function sumsOf(plan: readonly Slice[], outcomes: Outcomes): PartSum[] {
  return parts.flatMap((part) => {
    const slices = plan.filter((slice) => slice.part === part)
    if (slices.length === 0) return []
    const done = slices.flatMap(({ id }) => outcomes[id] ?? [])
    return {
      part,
      done: done.length,
      of: slices.length,
      runs: done.reduce((sum, { runs }) => sum + runs, 0),
      calls: done.reduce((sum, { calls }) => sum + calls, 0),
      seconds: Math.round(done.reduce((sum, { seconds }) => sum + seconds, 0)),
      findings: done.reduce((sum, { findings }) => sum + findings.length, 0),
    }
  })
}

export function reportOf(sums: readonly PartSum[]): string {
  const head = ['part', 'slices', 'runs', 'calls', 'seconds of work', 'findings']
  const rows = sums.map(({ part, done, of, runs, calls, seconds, findings }) => [
    part,
    `${done} of ${of}`,
    ...[runs, calls, seconds, findings].map((value) => value.toLocaleString('en-US')),
  ])
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  return [head, ...rows]
    .map((cells) => cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  '))
    .join('\n')
}
