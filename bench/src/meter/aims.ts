import type { Interval } from '../harness/statistics.ts'

/** What charging may cost. None of it is a bound, as it depends on the machine: nothing fails by it. */
export type Aim = {
  /** Its words. */
  figure: string
  bound: number
  /** On which side of the bound what is measured should be. */
  isMet: 'below' | 'above'
}

/** To tell whose a key is, to admit its request and to charge it. */
export const costAim: Aim = { figure: '2 µs', bound: 2, isMet: 'below' }
/** The part of a gateway's throughput that is left. */
export const ratioAim: Aim = { figure: '3 % of the throughput', bound: 0.97, isMet: 'above' }

/** What a measurement says of an aim, and no more than that. */
export function verdictOf({ figure, bound, isMet }: Aim, { low, high }: Interval): string {
  const isBelow = high <= bound
  const isAbove = low >= bound
  if (!isBelow && !isAbove)
    return `the aim of ${figure} is neither shown to be met nor to be missed`
  return `the aim of ${figure} is ${isBelow === (isMet === 'below') ? 'met' : 'missed'}`
}
