import type { ChainFailure } from '@mooring/onchain/failures'
import { type Asset, formatAnkr, formatAsset, formatPpm } from './amounts.ts'
import { paramNameOf } from './param-names.ts'
import { nodeStatusOf } from './status.ts'
import type { System } from './system.ts'

/**
 * What a contract refused with, for people: its own words, with amounts, dates and names in place of raw numbers.
 *
 * @param stable - The stablecoin, where what was called deals in nothing else.
 */
export function refusalText(failure: ChainFailure, stable?: Asset): string {
  const { name, args, sentence } = failure
  if (name === 'AccessManagedUnauthorized') {
    return `${args.caller} does not hold the role that may do this`
  }
  if (name === undefined || Object.keys(args).length === 0) return sentence
  const facts = Object.entries(args).map(
    ([key, value]) => `${wordsOf(key)} ${printed(key, value, stable)}`,
  )
  return `${wordsOf(name)}: ${facts.join(', ')}`
}

/** The stablecoin, for a call to a contract that deals in nothing else. */
export function stableOf(
  { deployment: { parts }, assets }: Pick<System, 'deployment' | 'assets'>,
  to: string,
): Asset | undefined {
  const ofStable = [parts.stable, parts.stableEscrow].map((address) => address.toLowerCase())
  return ofStable.includes(to.toLowerCase()) ? assets.usd : undefined
}

const dates = /(At|Until|until|deadline|earliest|timestamp)$/
/** Below this it is a count, a number or an amount of a token with few decimals. */
const leastOfAnkr = 10n ** 14n

/** What the escrow and its token name amounts in their errors. */
const amountNames = new Set([
  ...['amount', 'min', 'balance', 'wanted', 'allowance', 'needed', 'expected', 'arrived'],
])

function printed(key: string, value: unknown, stable: Asset | undefined): string {
  if (key === 'status' && typeof value === 'number') return nodeStatusOf(value)
  if (key === 'param' && typeof value === 'number') return paramNameOf(value)
  if (typeof value !== 'bigint') return String(value)
  if (stable !== undefined && amountNames.has(key)) return formatAsset(value, stable)
  if (key.endsWith('Ppm')) return formatPpm(value)
  if (dates.test(key) && value > 10n ** 9n && value < 10n ** 11n) return dateOf(value)
  return value >= leastOfAnkr && value < 2n ** 112n - 1n ? formatAnkr(value) : String(value)
}

function dateOf(seconds: bigint): string {
  const text = new Date(Number(seconds) * 1_000).toISOString()
  return `${text.slice(0, 16).replace('T', ' ')} UTC`
}

/** `commissionPpm` reads as `commission`, `StakingPoolBelowMinimum` as `staking pool below minimum`. */
function wordsOf(name: string): string {
  return name
    .replace(/Ppm$/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
}
