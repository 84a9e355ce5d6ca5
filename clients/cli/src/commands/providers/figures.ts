import { formatAnkr, formatCount, formatPpm } from '../../economy/amounts.ts'

/** Figures to compare by; what is not known yet is a dash, and what is exact is under `--json`. */

const hundredthOfAnkr = 10n ** 16n
/** A hundredth of a percent. */
const ppmStep = 100n

export function ankr(units: string | null): string {
  return units === null ? '–' : formatAnkr((BigInt(units) / hundredthOfAnkr) * hundredthOfAnkr)
}

export function ppm(value: string | null): string {
  return value === null ? '–' : formatPpm((BigInt(value) / ppmStep) * ppmStep)
}

export function credits(value: string | null): string {
  return value === null ? '–' : formatCount(BigInt(value))
}
