import { expect, test } from 'bun:test'
import type { AccountBooks, Books } from './books.ts'
import type { Tally } from './load.ts'
import { verdictOf } from './verdict.ts'

const price = 250
const account = 'eip155:1:0x1'

function tallied(changes: Partial<Tally> = {}): Map<string, Tally> {
  const tally = { sent: 10, ok: 7, cut: 1, refused: new Map([[402, 2]]), ...changes }
  return new Map([[account, tally]])
}

function booked(requests: number, changes: Partial<AccountBooks> = {}): Books {
  const charged = BigInt(requests * price)
  const own = { bought: 10_000n, charged, used: charged, left: 10_000n - charged, uncollected: 0n }
  const accounts = new Map([[account, { ...own, ...changes }]])
  return { accounts, discrepancies: [], leased: 0n }
}

test('what was served is charged, and what was cut may be', () => {
  for (const [requests, replyLost] of [
    [7, 0],
    [8, 1],
  ] as const) {
    const { total, broken } = verdictOf(tallied(), booked(requests), price)
    expect(broken).toEqual([])
    expect(total).toEqual({
      ...{ sent: 10, ok: 7, cut: 1, refused: 2, unpaid: 2, charged: requests, replyLost },
      ...{ lost: 0, twice: 0, overdraft: 0n },
    })
  }
})

test('an answer that was not charged, and a charge without one, are told', () => {
  const lost = verdictOf(tallied(), booked(5), price)
  expect(lost.total).toMatchObject({ lost: 2, twice: 0 })
  expect(lost.broken).toEqual([`${account}: 2 answers were received and not charged`])
  const twice = verdictOf(tallied(), booked(10), price)
  expect(twice.total).toMatchObject({ lost: 0, twice: 2, replyLost: 1 })
  expect(twice.broken).toEqual([`${account}: 2 requests were charged that were not served`])
})

test('what one account paid too much does not pay for another', () => {
  const other = 'eip155:1:0x2'
  const tallies = new Map([...tallied(), [other, { sent: 9, ok: 9, cut: 0, refused: new Map() }]])
  const books = booked(10)
  const accounts = new Map(
    [...books.accounts, ...booked(7).accounts].map(([, each]) => [other, each]),
  )
  const own = new Map([...books.accounts, ...accounts])
  const { total } = verdictOf(tallies, { ...books, accounts: own }, price)
  expect(total).toMatchObject({ lost: 2, twice: 2 })
})

test('credits that were not there are an overdraft, whoever bears it', () => {
  const overdraftOf = (changes: Partial<AccountBooks>) =>
    verdictOf(tallied(), booked(7, changes), price).total.overdraft
  expect(overdraftOf({ bought: 1_700n })).toBe(50n)
  expect(overdraftOf({ left: -3n })).toBe(3n)
  expect(overdraftOf({ uncollected: 250n })).toBe(250n)
})

test('books that differ and leases that stayed are told', () => {
  const discrepancy = { check: 'leases', account, detail: 'x' } as const
  const books = { ...booked(7), discrepancies: [discrepancy], leased: 5n }
  expect(verdictOf(tallied(), books, price).broken).toEqual([
    `leases ${account}: x`,
    '5 credits are leased to gateways that are gone',
  ])
  const torn = verdictOf(tallied(), booked(7, { charged: 1_749n }), price).broken
  expect(torn).toEqual([
    `${account}: used 1750 credits and was charged 1749`,
    `${account}: 10000 bought, 1749 charged, 8250 left`,
  ])
  const nobody = verdictOf(new Map(), booked(1), price).broken
  expect(nobody).toEqual([`${account}: used 250, and sent nothing`])
})
