import { formatUnits, parseUnits } from 'viem'
import { CommandError } from '../exit-codes.ts'

/** What is paid with: its place in the deployment, and the escrow that takes it. */
const assetRows = {
  ankr: { part: 'ankr', escrow: 'ankrEscrow', symbol: 'ANKR' },
  usd: { part: 'stable', escrow: 'stableEscrow', symbol: 'USD' },
} as const
export type AssetName = keyof typeof assetRows
/** How finely a token is divided is the token's own; a wrong number would be a wrong amount. */
export type Asset = (typeof assetRows)[AssetName] & { decimals: number }
export type Assets = Readonly<Record<AssetName, Asset>>

export const ankrDecimals = 18
export const ankrAsset: Asset = { ...assetRows.ankr, decimals: ankrDecimals }

export function assetsWith(stableDecimals: number): Assets {
  return { ankr: ankrAsset, usd: { ...assetRows.usd, decimals: stableDecimals } }
}

/**
 * An amount of an asset as people write it, in base units.
 *
 * @param text - Digits with at most one point, e.g. `1000` or `0.5`; thousands may be parted by `_` or by `,`, all of
 *   them. What might mean a decimal comma is refused.
 */
export function parseAmount(text: string, { symbol, decimals }: Asset): bigint {
  return parseDecimal(text, decimals, { name: `amount of ${symbol}`, like: '1000, 1,000 or 0.5' })
}

const decimalForms = [
  /^\d{1,30}(\.\d+)?$/,
  /^[1-9]\d{0,2}(,\d{3}){1,9}(\.\d+)?$/,
  /^[1-9]\d{0,2}(_\d{3}){1,9}(\.\d+)?$/,
]

function parseDecimal(
  text: string,
  decimals: number,
  { name, like }: { name: string; like: string },
): bigint {
  if (!decimalForms.some((form) => form.test(text))) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(text)} is no ${name}: write one such as ${like}.`,
    )
  }
  const plain = text.replaceAll(/[,_]/g, '')
  const [, fraction = ''] = plain.split('.')
  if (fraction.length > decimals) {
    throw new CommandError(
      'badInput',
      `${JSON.stringify(text)} has more than ${decimals} decimals.`,
    )
  }
  return parseUnits(plain, decimals)
}

export function parseAssetName(text: string): AssetName {
  if (text === 'ankr' || text === 'usd') return text
  throw new CommandError('badInput', `${JSON.stringify(text)} is no asset: it is one of ankr, usd.`)
}

/** For people: thousands parted, no digits lost. */
function formatAmount(amount: bigint, decimals: number, symbol: string): string {
  const [whole = '0', fraction] = formatUnits(amount, decimals).split('.')
  const parted = formatCount(whole)
  return `${fraction === undefined ? parted : `${parted}.${fraction}`} ${symbol}`
}

export function formatAsset(amount: bigint, { decimals, symbol }: Asset): string {
  return formatAmount(amount, decimals, symbol)
}

export function formatAnkr(amount: bigint): string {
  return formatAsset(amount, ankrAsset)
}

/** Parts per million as a percentage. */
export function formatPpm(ppm: bigint): string {
  return `${formatUnits(ppm, 4)} %`
}

/** `10` or `10%` as parts per million. */
export function parsePercent(text: string): bigint {
  return parseDecimal(text.replace(/\s*%$/, ''), 4, { name: 'percentage', like: '10% or 2.5%' })
}

/** USD per ANKR as people write it, times 1e18. */
export function parseRate(text: string): bigint {
  const rate = parseDecimal(text, 18, { name: 'rate of USD per ANKR', like: '0.02' })
  if (rate > 0n) return rate
  throw new CommandError('badInput', 'A rate of 0 USD per ANKR buys nothing.')
}

/** USD times 1e18 for people: no digits lost. */
export function formatUsd(usd: bigint): string {
  return formatAmount(usd, 18, 'USD')
}

/** Thousands parted. */
export function formatCount(count: bigint | number | string): string {
  return String(count).replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
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

/** A guard against shares that became dear meanwhile: a millionth is left to rounding. */
export function leastShares(expected: bigint): bigint {
  const least = expected - expected / 1_000_000n - 1n
  return least > 0n ? least : 0n
}

/** Of the chain's own token, to four digits: fees are estimates. */
export function formatNative(wei: bigint): string {
  return `${Number(Number(formatUnits(wei, 18)).toPrecision(4))} of the native token`
}
