import { cpus, release, totalmem } from 'node:os'

/** What was measured. Each name ends in its unit. */
export type Figures = Readonly<Record<string, number>>

export type Machine = {
  processor: string
  processors: number
  memoryMib: number
  system: string
  bun: string
}

/** The one object that `--json` prints. */
export type Report = { name: string; machine: Machine; figures: Figures }

const units = /(?:PerCpuSecond|PerSecond|Ms|Mib|Bytes|Percent|Ratio|Count)$/

/** @returns The report. Throws for a figure that is not a number or whose name does not end in its unit. */
export function createReport(name: string, machine: Machine, figures: Figures): Report {
  for (const [figure, value] of Object.entries(figures)) {
    if (!units.test(figure)) throw new Error(`the figure ${figure} does not end in its unit`)
    if (!Number.isFinite(value)) throw new Error(`the figure ${figure} is no number`)
  }
  return { name, machine, figures }
}

export function thisMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryMib: Math.round(totalmem() / 1_048_576),
    system: `${process.platform} ${release()}`,
    bun: Bun.version,
  }
}

export function describeMachine(machine: Machine): string {
  const { processor, processors, memoryMib, system, bun } = machine
  const memory = `${(memoryMib / 1_024).toFixed(1)} GiB`
  return `${processors} × ${processor}, ${memory}, ${system}, Bun ${bun}`
}

/** With as many digits as mean something: 84,012 and 1.23. */
export function formatFigure(value: number): string {
  const digits = Math.abs(value) >= 1_000 ? 0 : Math.abs(value) >= 100 ? 1 : 2
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}
