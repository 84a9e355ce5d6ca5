import { type Figures, formatFigure } from '../harness/report.ts'

/** What the gateway is to reach on one core. */
const aims: readonly { figure: string; means: string; min?: number; max?: number }[] = [
  { figure: 'proxied1KbToHaproxyRatio', means: 'proxied, × HAProxy', min: 0.55 },
  { figure: 'repeatedToHaproxyRatio', means: 'repeated, × HAProxy', min: 1.1 },
  { figure: 'gatewayAddedP99Ms', means: 'added p99 at half load, ms', max: 1 },
]

/** Each aim with what was measured. */
export function aimsText(figures: Figures): string {
  const lines = aims.map(({ figure, means, min, max }) => {
    const value = figures[figure] ?? Number.NaN
    const isReached = value >= (min ?? -Infinity) && value <= (max ?? Infinity)
    const aim = min === undefined ? `at most ${max}` : `at least ${min}`
    return `  ${means}: ${formatFigure(value)}, ${aim}: ${isReached ? 'reached' : 'not reached'}\n`
  })
  return `Aims\n${lines.join('')}`
}
