import { formatUnits, parseUnits } from 'viem'
import { CommandError } from '../exit-codes.ts'

/** What is paid with: its place in the deployment, and the escrow that takes it. */
export const assets = {
  ankr: { part: 'ankr', escrow: 'ankrEscrow', symbol: 'ANKR', decimals: 18 },
  usd: { part: 'stable', escrow: 'stableEscrow', symbol: 'USD', decimals: 6 },
} as const
export type AssetName = keyof typeof assets
export type Asset = (typeof assets)[AssetName]
export const assetNames = Object.keys(assets)

/**
 * An amount of an asset as people write it, in base units.
 *
 * @param text - Digits with at most one point, e.g. `1000` or `0.5`; thousands may be parted by `_` or `,`.
 */
export function parseAmount(text: string, { symbol, decimals }: Asset): bigint {
  return parseDecimal(text, decimals, `amount of ${symbol}`)
}

function parseDecimal(text: string, decimals: number, name: string): bigint {
  const plain = text.replaceAll(/(?<=\d)[_,](?=\d{3}(?!\d))/g, '')
  const match = /^(\d{1,30})(?:\.(\d+))?$/.exec(plain)
  if (match === null) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(text)} is no ${name}: write a number such as 1000 or 0.5.`,
    )
  }
  const fraction = match[2] ?? ''
  if (fraction.length > decimals) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(text)} has more than ${decimals} decimals.`,
    )
  }
  return parseUnits(plain, decimals)
}

export function parseAsset(text: string): Asset {
  const found = Object.entries(assets).find(([name]) => name === text)
  if (found !== undefined) return found[1]
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no asset: it is one of ${assetNames.join(', ')}.`,
  )
}

/** For people: thousands parted, no digits lost. */
function formatAmount(amount: bigint, decimals: number, symbol: string): string {
  const [whole = '0', fraction] = formatUnits(amount, decimals).split('.')
  const parted = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${fraction === undefined ? parted : `${parted}.${fraction}`} ${symbol}`
}

export function formatAsset(amount: bigint, { decimals, symbol }: Asset): string {
  return formatAmount(amount, decimals, symbol)
}

export function formatAnkr(amount: bigint): string {
  return formatAsset(amount, assets.ankr)
}

/** Parts per million as a percentage. */
export function formatPpm(ppm: bigint): string {
  return `${formatUnits(ppm, 4)} %`
}

/** `10` or `10%` as parts per million. */
export function parsePercent(text: string): bigint {
  return parseDecimal(text.replace(/\s*%$/, ''), 4, 'percentage')
}

/** A date in UTC, and how long that is from a moment: both in seconds. */
export function formatDate(seconds: bigint, nowSeconds: bigint): string {
  const date = `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return seconds <= nowSeconds
    ? `${date} (now)`
    : `${date} (in ${formatSpan(seconds - nowSeconds)})`
}

const spans = [
  ['day', 86_400n],
  ['hour', 3_600n],
  ['minute', 60n],
] as const

/** A length of time in its largest unit that says it exactly, or else nearly: `7 days`, `90 minutes`. */
export function formatSpan(seconds: bigint): string {
  const exact = spans.find(([, unit]) => seconds >= unit && seconds % unit === 0n)
  const [name, unit] = exact ?? spans.find(([, size]) => seconds >= 2n * size) ?? ['second', 1n]
  const count = seconds / unit
  return `${count} ${name}${count === 1n ? '' : 's'}`
}

export function lesserOf(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
