import type { AssetTotals, BookTotals } from '@mooring/protocol/metering/book-totals'
import type { Context } from '../context.ts'
import type { AssetName } from '../economy/amounts.ts'
import { CommandError } from '../exit-codes.ts'
import { exchange, isRecord, parseJson } from '../http.ts'
import { readNetwork } from '../locations.ts'

/** What the books of accounts say that an escrow has to hold, at a block that was read to its end. */
export type BooksSide = {
  block: { number: bigint; hash: string }
  expected: Readonly<Record<AssetName, bigint>>
  /** Of deposits that are final, what is credited to nobody yet. */
  uncredited: Readonly<Record<AssetName, bigint>>
}

const variable = 'MOORING_BILLING_URL'

/** Undefined where nobody says where a billing service is. */
export function billingUrl(context: Context, given: string | undefined): string | undefined {
  const named = given ?? context.env[variable]
  const local = readNetwork(context)?.urls.billing
  const url = named ?? (typeof local === 'string' ? local : undefined)
  if (url === undefined) return undefined
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new CommandError('badInput', `${named === given ? '--billing' : variable} is no URL.`)
  }
  return url.replace(/\/$/, '')
}

export async function askBooks(context: Context, url: string): Promise<BooksSide> {
  const { host } = new URL(url)
  const reply = await exchange(context, `${url}/v1/books/totals`)
  if (!reply.ok) {
    throw new CommandError('unreachable', `No billing service answers at ${host}: ${reply.detail}.`)
  }
  const value = parseJson(reply.text)
  if (reply.status !== 200) {
    const said = isRecord(value) && typeof value.error === 'string' ? `: ${value.error}` : ''
    throw new CommandError('unreachable', `${host} answered ${reply.status}${said}.`)
  }
  if (!isTotals(value)) {
    throw new CommandError('unreachable', `What ${host} answers is no sum of books.`)
  }
  const { block, ankr, usd } = value
  return {
    block: { number: BigInt(block.number), hash: block.hash },
    expected: { ankr: expectedOf(ankr), usd: expectedOf(usd) },
    uncredited: { ankr: BigInt(ankr.uncredited), usd: BigInt(usd.uncredited) },
  }
}

/** All that was deposited, less all that the escrow took and paid out, as far as the block goes. */
function expectedOf(totals: AssetTotals): bigint {
  const { tokens, accrued, missing, uncredited, early, unbooked } = totals
  const credited = BigInt(tokens) + BigInt(accrued) - BigInt(missing)
  return credited + BigInt(uncredited) - BigInt(early) - BigInt(unbooked)
}

const sums = ['tokens', 'accrued', 'missing', 'uncredited', 'early', 'unbooked'] as const

function isTotals(value: unknown): value is BookTotals {
  if (!isRecord(value) || !isRecord(value.block)) return false
  const { block } = value
  return (
    isNumber(block.number) &&
    typeof block.hash === 'string' &&
    [value.ankr, value.usd].every(
      (asset) => isRecord(asset) && sums.every((name) => isNumber(asset[name])),
    )
  )
}

function isNumber(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d{1,60}$/.test(value)
}
