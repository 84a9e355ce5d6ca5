import { formatUnits, parseUnits } from 'viem'
import { CommandError } from '../exit-codes.ts'

export const ankrDecimals = 18

/**
 * An amount as people write it, in base units.
 *
 * @param text - Digits with at most one point, e.g. `1000` or `0.5`; thousands may be parted by `_` or `,`.
 * @param name - What it is an amount of, for the message.
 */
export function parseAmount(text: string, decimals: number, name: string): bigint {
  const plain = text.replaceAll(/[_,](?=\d{3})/g, '')
  const match = /^(\d+)(?:\.(\d+))?$/.exec(plain)
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
      `${JSON.stringify(text)} is finer than the token: it has ${decimals} decimals.`,
    )
  }
  return parseUnits(plain, decimals)
}

/** For people: thousands parted, no digits lost. */
export function formatAmount(amount: bigint, decimals: number, symbol: string): string {
  const [whole = '0', fraction] = formatUnits(amount, decimals).split('.')
  const parted = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${fraction === undefined ? parted : `${parted}.${fraction}`} ${symbol}`
}

export const formatAnkr = (amount: bigint) => formatAmount(amount, ankrDecimals, 'ANKR')

/** Parts per million as a percentage. */
export function formatPpm(ppm: bigint): string {
  return `${formatUnits(ppm, 4)} %`
}

/** `10` or `10%` as parts per million. */
export function parsePercent(text: string, name: string): bigint {
  return parseAmount(text.replace(/\s*%$/, ''), 4, name)
}

/** A date in UTC, and how long that is from a moment: both in seconds. */
export function formatDate(seconds: bigint, nowSeconds: bigint): string {
  const date = `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return seconds <= nowSeconds ? `${date} (now)` : `${date} (in ${formatSpan(seconds - nowSeconds)})`
}

export function formatSpan(seconds: bigint): string {
  const minute = 60n
  const hour = 60n * minute
  const day = 24n * hour
  if (seconds >= 2n * day) return `${seconds / day} days`
  if (seconds >= 2n * hour) return `${seconds / hour} hours`
  if (seconds >= 2n * minute) return `${seconds / minute} minutes`
  return `${seconds} seconds`
}
