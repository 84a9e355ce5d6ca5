import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { sumOf } from '../money/mul-div.ts'
import {
  activeValueOf,
  cancelled,
  emptyBucket,
  type ShareBucket,
  slashed,
  staked,
  totalOf,
  unbondingValueOf,
  unstaked,
  withdrawn,
} from './share-bucket.ts'

/** A bucket with who owns what of it, and what came in, went out, was taken and was swept. */
type World = {
  bucket: ShareBucket
  shares: Map<number, bigint>
  requests: { holder: number; shares: bigint }[]
  paidIn: Map<number, bigint>
  paidOut: Map<number, bigint>
  lost: bigint
}

const step = fc.record({
  kind: fc.constantFrom('stake', 'stake', 'unstake', 'withdraw', 'cancel', 'slash'),
  holder: fc.nat(3),
  part: fc.integer({ min: 1, max: 1_000 }),
  amount: fc.bigInt({ min: 1n, max: 10n ** 24n }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const histories = fc.array(step, { maxLength: 40 })

function run(steps: readonly Step[], check: (world: World, before: ShareBucket) => void): World {
  const world: World = {
    bucket: emptyBucket,
    shares: new Map(),
    requests: [],
    paidIn: new Map(),
    paidOut: new Map(),
    lost: 0n,
  }
  for (const step of steps) {
    const before = world.bucket
    apply(world, step)
    check(world, before)
  }
  return world
}

function add(map: Map<number, bigint>, holder: number, change: bigint): void {
  map.set(holder, (map.get(holder) ?? 0n) + change)
}

function apply(world: World, { kind, holder, part, amount }: Step): void {
  const { bucket, requests } = world
  if (kind === 'stake') {
    const done = staked(bucket, amount)
    world.bucket = done.bucket
    add(world.shares, holder, done.shares)
    add(world.paidIn, holder, amount)
  }
  if (kind === 'unstake') {
    const shares = ((world.shares.get(holder) ?? 0n) * BigInt(part)) / 1_000n
    if (activeValueOf(bucket, shares) === 0n) return
    const done = unstaked(bucket, shares)
    world.bucket = done.bucket
    add(world.shares, holder, -shares)
    requests.push({ holder, shares: done.unbondingShares })
  }
  if (kind === 'withdraw' || kind === 'cancel') {
    const request = requests.shift()
    if (request === undefined) return
    if (kind === 'withdraw') {
      const done = withdrawn(bucket, request.shares)
      world.bucket = done.bucket
      add(world.paidOut, request.holder, done.amount)
    } else {
      const done = cancelled(bucket, request.shares)
      world.bucket = done.bucket
      add(world.shares, request.holder, done.shares)
    }
  }
  if (kind === 'slash') slash(world, (totalOf(bucket) * BigInt(part) ** 3n) / 1_000n ** 3n)
}

function slash(world: World, amount: bigint): void {
  const done = slashed(world.bucket, amount)
  world.bucket = done.bucket
  world.lost += done.taken + done.swept
  if (done.activeClosed) world.shares.clear()
  if (done.unbondingClosed) world.requests.length = 0
}

describe('a bucket of stake', () => {
  test('creates and loses nothing: what came in is there, went out or was taken', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ bucket, paidIn, paidOut, lost }) => {
          expect(sumOf(paidIn.values())).toBe(totalOf(bucket) + sumOf(paidOut.values()) + lost)
          expect(Object.values(bucket).every((value) => value >= 0n)).toBe(true)
        })
      }),
    )
  })

  test('every share has an owner, and together they are worth what is there but for dust', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ bucket, shares, requests }) => {
          expect(sumOf(shares.values())).toBe(bucket.shares)
          expect(sumOf(requests.map((request) => request.shares))).toBe(bucket.unbondingShares)
          const owners = [...shares.values()]
          const worth = sumOf(owners.map((part) => activeValueOf(bucket, part)))
          expect(worth <= bucket.active).toBe(true)
          expect(bucket.active - worth <= BigInt(owners.length)).toBe(true)
          const leaving = sumOf(requests.map((part) => unbondingValueOf(bucket, part.shares)))
          expect(leaving <= bucket.unbonding).toBe(true)
          expect(bucket.unbonding - leaving <= BigInt(requests.length)).toBe(true)
        })
      }),
    )
  })

  test('a share is never worth more than it cost: the price starts at 1 and only slashing lowers it', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ bucket }) => {
          expect(bucket.active <= bucket.shares).toBe(true)
          expect(bucket.unbonding <= bucket.unbondingShares).toBe(true)
        })
      }),
    )
  })

  test('shares stay within a million for a unit, so they never outgrow their type', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, ({ bucket }) => {
          // Those who join after a slash get their shares at the price the guard has let pass.
          expect(bucket.shares <= bucket.active * 1_000_001n).toBe(true)
        })
      }),
    )
  })

  test('a slash hits what is active and what is leaving alike, within one base unit', () => {
    fc.assert(
      fc.property(histories, fc.bigInt({ min: 0n, max: 10n ** 25n }), (steps, amount) => {
        const { bucket } = run(steps, () => {})
        const total = totalOf(bucket)
        const done = slashed(bucket, amount)
        expect([amount, total]).toContain(done.taken)
        expect(done.taken <= amount && done.taken <= total).toBe(true)
        if (done.activeClosed || done.unbondingClosed || total === 0n) return
        const left = total - done.taken
        for (const side of ['active', 'unbonding'] as const) {
          const off = done.bucket[side] * total - bucket[side] * left
          expect(-total < off && off < total).toBe(true)
        }
      }),
    )
  })

  test('nobody gains by going in and out, however the bucket stands', () => {
    fc.assert(
      fc.property(histories, fc.bigInt({ min: 1n, max: 10n ** 24n }), (steps, amount) => {
        const { bucket } = run(steps, () => {})
        const entered = staked(bucket, amount)
        const leaving = unstaked(entered.bucket, entered.shares)
        const back = cancelled(leaving.bucket, leaving.unbondingShares)
        const again = unstaked(back.bucket, back.shares)
        expect(withdrawn(leaving.bucket, leaving.unbondingShares).amount <= amount).toBe(true)
        expect(withdrawn(again.bucket, again.unbondingShares).amount <= amount).toBe(true)
      }),
    )
  })

  test('nobody gets out more than they put in', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        const { bucket, shares, requests, paidIn, paidOut } = run(steps, () => {})
        for (const [holder, amount] of paidIn) {
          const left = activeValueOf(bucket, shares.get(holder) ?? 0n)
          const mine = requests.filter((request) => request.holder === holder)
          const leaving = sumOf(mine.map((part) => unbondingValueOf(bucket, part.shares)))
          // Dust that others leave behind may fall to those who stay.
          const dust = BigInt(steps.length)
          expect(left + leaving + (paidOut.get(holder) ?? 0n) <= amount + dust).toBe(true)
        }
      }),
    )
  })
})

describe('the end of a generation', () => {
  const ten = staked(emptyBucket, 10n * tokenScale).bucket

  test('comes when less than one token is left, and not at one token', () => {
    expect(slashed(ten, 9n * tokenScale).activeClosed).toBe(false)
    const closed = slashed(ten, 9n * tokenScale + 1n)
    expect(closed).toMatchObject({ activeClosed: true, swept: tokenScale - 1n })
    expect(closed.bucket).toMatchObject({ active: 0n, shares: 0n, generation: 1n })
  })

  test('comes when a unit would stand for more than a million shares', () => {
    const huge = staked(emptyBucket, 10_000_000n * tokenScale).bucket
    expect(slashed(huge, 9_999_990n * tokenScale).activeClosed).toBe(false)
    expect(slashed(huge, 9_999_990n * tokenScale + 1n).activeClosed).toBe(true)
  })

  test('comes to each side alone', () => {
    const { bucket } = unstaked(ten, 2n * tokenScale)
    const closed = slashed(bucket, 6n * tokenScale)
    expect(closed).toMatchObject({ activeClosed: false, unbondingClosed: true })
    expect(closed.bucket).toMatchObject({
      active: 3_200_000_000_000_000_000n,
      unbonding: 0n,
      generation: 0n,
      unbondingGeneration: 1n,
    })
  })

  test('does not come by a slash that takes nothing, however small the stake is', () => {
    const tiny = staked(emptyBucket, 1n).bucket
    expect(slashed(tiny, 0n)).toMatchObject({ activeClosed: false, taken: 0n, bucket: tiny })
  })

  test('who stakes after it begins at a price of one', () => {
    const { bucket } = slashed(ten, 10n * tokenScale)
    expect(staked(bucket, 7n).shares).toBe(7n)
  })
})
