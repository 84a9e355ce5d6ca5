import type { AccountBooks, Books } from './books.ts'
import type { Tally } from './load.ts'

/** What the books say of one account, beside what it has seen. Requests, where nothing else is said. */
export type AccountVerdict = {
  account: string
  sent: number
  ok: number
  cut: number
  refused: number
  /** Of those that were refused, for want of credits. */
  unpaid: number
  charged: number
  /** Received and not charged. */
  lost: number
  /** Charged beyond what was received or may have been. */
  twice: number
  /** Charged, and nobody knows whether the answer arrived: never more than were cut. */
  replyLost: number
  /** Credits used beyond those that were bought, that are below zero, or that could not be charged. */
  overdraft: bigint
}

export type Verdict = {
  accounts: AccountVerdict[]
  total: Omit<AccountVerdict, 'account'>
  /** A sentence for each bound that does not hold. */
  broken: string[]
}

/** @param price - Credits of each request. */
export function verdictOf(
  tallies: ReadonlyMap<string, Tally>,
  books: Books,
  price: number,
): Verdict {
  const accounts = [...tallies].map(([account, tally]) =>
    accountVerdict(account, { tally, books: books.accounts.get(account) ?? nothing, price }),
  )
  const total = totalOf(accounts)
  const broken = [
    ...accounts.flatMap(brokenBounds),
    ...brokenBooks(tallies, books, price),
    ...books.discrepancies.map(({ check, account, detail }) => `${check} ${account}: ${detail}`),
    ...(books.leased === 0n
      ? []
      : [`${books.leased} credits are leased to gateways that are gone`]),
  ]
  return { accounts, total, broken }
}

const nothing: AccountBooks = {
  ...{ bought: 0n, charged: 0n, used: 0n, left: 0n, uncollected: 0n },
}

function accountVerdict(
  account: string,
  { tally, books, price }: { tally: Tally; books: AccountBooks; price: number },
): AccountVerdict {
  const { sent, ok, cut } = tally
  const { bought, used, left, uncollected } = books
  const refused = [...tally.refused.values()].reduce((sum, count) => sum + count, 0)
  // Also what could not be charged was told by a gateway: it is not lost, it is an overdraft.
  const charged = Number(used / BigInt(price))
  return {
    ...{ account, sent, ok, cut, refused, charged, unpaid: tally.refused.get(402) ?? 0 },
    lost: Math.max(0, ok - charged),
    twice: Math.max(0, charged - ok - cut),
    replyLost: Math.min(cut, Math.max(0, charged - ok)),
    overdraft: above(used, bought) + above(0n, left) + uncollected,
  }
}

function above(value: bigint, limit: bigint): bigint {
  return value > limit ? value - limit : 0n
}

function totalOf(accounts: readonly AccountVerdict[]): Omit<AccountVerdict, 'account'> {
  const total = {
    sent: 0,
    ok: 0,
    cut: 0,
    refused: 0,
    unpaid: 0,
    charged: 0,
    lost: 0,
    twice: 0,
    replyLost: 0,
  }
  let overdraft = 0n
  for (const each of accounts) {
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += each[name]
    overdraft += each.overdraft
  }
  return { ...total, overdraft }
}

function brokenBounds({ account, lost, twice, overdraft }: AccountVerdict): string[] {
  return [
    ...(lost === 0 ? [] : [`${account}: ${lost} answers were received and not charged`]),
    ...(twice === 0 ? [] : [`${account}: ${twice} requests were charged that were not served`]),
    ...(overdraft === 0n ? [] : [`${account}: ${overdraft} credits were used and not there`]),
  ]
}

function brokenBooks(
  tallies: ReadonlyMap<string, Tally>,
  { accounts }: Books,
  price: number,
): string[] {
  return [...accounts].flatMap(([account, { bought, charged, used, left }]) => [
    ...(tallies.has(account) || used === 0n ? [] : [`${account}: used ${used}, and sent nothing`]),
    ...(used === charged ? [] : [`${account}: used ${used} credits and was charged ${charged}`]),
    ...(used % BigInt(price) === 0n ? [] : [`${account}: ${used} is no multiple of ${price}`]),
    ...(bought === charged + left
      ? []
      : [`${account}: ${bought} bought, ${charged} charged, ${left} left`]),
  ])
}
