import { describe, expect, test } from 'bun:test'
import { rayScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { claimable, claimed, emptyPosition, type Position, settledPosition } from './position.ts'
import { emptyStream, flowed, type RewardStream, refilled, unstreamed } from './reward-stream.ts'

const epochSeconds = 100n

const step = fc.record({
  kind: fc.constantFrom('wait', 'reward', 'join', 'leave', 'claim', 'close'),
  holder: fc.nat(2),
  seconds: fc.bigInt({ min: 0n, max: 120n }),
  amount: fc.bigInt({ min: 1n, max: 10n ** 22n }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

type World = {
  now: bigint
  stream: RewardStream
  shares: bigint
  finals: bigint[]
  positions: Position[]
  given: bigint
  paid: bigint
}

function run(steps: readonly Step[], check: (world: World) => void): World {
  const world: World = {
    now: 1_000n,
    stream: emptyStream,
    shares: 0n,
    finals: [],
    positions: [emptyPosition, emptyPosition, emptyPosition],
    given: 0n,
    paid: 0n,
  }
  for (const step of steps) {
    world.now += step.seconds
    world.stream = flowed(world.stream, world.shares, world.now)
    apply(world, step)
    check(world)
  }
  return world
}

function earningsOf({ stream, finals }: World) {
  return { generation: BigInt(finals.length), accumulator: stream.accumulator, finals }
}

function apply(world: World, { kind, holder, amount }: Step): void {
  if (kind === 'reward') {
    const { now } = world
    world.stream = refilled(world.stream, amount, { now, epochSeconds })
    world.given += amount
  }
  if (kind === 'close') {
    world.finals.push(world.stream.accumulator)
    world.shares = 0n
  }
  const position = settledPosition(world.positions[holder]!, earningsOf(world))
  world.positions[holder] = position
  if (kind === 'join') {
    world.positions[holder] = { ...position, shares: position.shares + amount }
    world.shares += amount
  }
  if (kind === 'leave') {
    world.positions[holder] = { ...position, shares: 0n }
    world.shares -= position.shares
  }
  if (kind === 'claim') {
    world.paid += claimable(position)
    world.positions[holder] = claimed(position)
  }
}

/** Everything in rays that the reward has become. */
function raysOf(world: World): bigint {
  const owed = world.positions
    .map((position) => settledPosition(position, earningsOf(world)).owed)
    .reduce((sum, rays) => sum + rays, 0n)
  const { idle, carry } = world.stream
  return owed + carry + (idle + world.paid + unstreamed(world.stream)) * rayScale
}

const histories = fc.array(step, { maxLength: 40 })

describe('a stream of rewards', () => {
  test('loses no fraction of a base unit: paid, owed, carried, idle and to come are what was given', () => {
    fc.assert(
      fc.property(histories, (steps) => {
        run(steps, (world) => expect(raysOf(world)).toBe(world.given * rayScale))
      }),
    )
  })

  test('pays the same whoever looks at it in between', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 22n }),
        fc.bigInt({ min: 1n, max: 10n ** 24n }),
        fc.array(fc.bigInt({ min: 0n, max: 130n }), { maxLength: 20 }),
        (amount, shares, looks) => {
          const start = refilled(emptyStream, amount, { now: 0n, epochSeconds })
          const often = looks
            .toSorted((a, b) => Number(a - b))
            .reduce((stream, now) => flowed(stream, shares, now), start)
          expect(flowed(often, shares, 130n)).toEqual(flowed(start, shares, 130n))
        },
      ),
    )
  })

  test('ends to the second, with what its rate could not divide kept for the next', () => {
    const stream = refilled(flowed(emptyStream, 1n, 50n), 1_099n, { now: 50n, epochSeconds })
    expect(stream).toMatchObject({ ratePerSecond: 10n, remainder: 99n, endSeconds: 150n })
    const late = flowed(stream, 1n, 151n)
    expect(late.accumulator).toBe(flowed(stream, 1n, 150n).accumulator)
    expect(late.accumulator).toBe(1_000n * rayScale)
    expect(refilled(late, 1n, { now: 151n, epochSeconds })).toMatchObject({
      ratePerSecond: 1n,
      remainder: 0n,
    })
  })

  test('what is under way joins the next reward, from now on over a whole epoch', () => {
    const stream = refilled(emptyStream, 1_000n, { now: 0n, epochSeconds })
    const half = refilled(flowed(stream, 1n, 50n), 1_000n, { now: 50n, epochSeconds })
    expect(half).toMatchObject({ ratePerSecond: 15n, endSeconds: 150n })
  })

  test('runs idle while nobody has shares, and does not pay that to who joins later', () => {
    const stream = refilled(emptyStream, 1_000n, { now: 0n, epochSeconds })
    const joined = flowed(flowed(stream, 0n, 40n), 7n, 100n)
    expect(joined.idle).toBe(400n)
    expect(joined.accumulator * 7n + joined.carry).toBe(600n * rayScale)
  })

  test('who was there when a generation ended keeps what it had earned, and earns no more', () => {
    const earnings = { generation: 1n, accumulator: 9n * rayScale, finals: [4n * rayScale] }
    const before: Position = { shares: 10n, generation: 0n, settled: rayScale, owed: 5n }
    expect(settledPosition(before, earnings)).toEqual({
      shares: 0n,
      generation: 1n,
      settled: 9n * rayScale,
      owed: 30n * rayScale + 5n,
    })
  })
})
