import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { noHolding } from './holding.ts'
import { leasedTo, type Position, type PotState, type Settling, settle } from './settle.ts'

// Gateways that race for the credits of one account, as the rules alone see them: each uses what it was granted, tells
// of it late, often or never, and nobody ever uses what is not there.

const gatewayCount = 3
const price = 250n
const noCap = { min: 10n ** 30n, ppm: 0n }

type Gateway = {
  leases: Map<string, bigint>[]
  /** Granted and neither used nor given back. */
  held: bigint
  /** Used, and not told. */
  used: bigint
}

const turn = fc.record({
  gateway: fc.nat({ max: gatewayCount - 1 }),
  /** How many requests it serves before it speaks, as far as it has credits for them. */
  requests: fc.nat({ max: 12 }),
  wants: fc.bigInt({ min: 0n, max: 4_000n }),
  speaks: fc.constantFrom('posts', 'posts', 'is silent', 'closes', 'claims with no need'),
})

function settlingOf(changes: Partial<Settling>): Settling {
  const claims: Settling['claims'] = []
  const base = { charges: new Map(), claims, isLive: true, closes: false, keyRooms: new Map() }
  return { ...base, gateways: BigInt(gatewayCount), ...changes }
}

test('racing gateways never use more than there is, and all of it is charged', () => {
  const race = fc.record({
    funds: fc.array(fc.bigInt({ min: 0n, max: 20_000n }), { minLength: 2, maxLength: 2 }),
    turns: fc.array(turn, { maxLength: 60 }),
  })
  fc.assert(
    fc.property(race, ({ funds, turns }) => {
      const pots = funds.map(potOf)
      const gateways = Array.from({ length: gatewayCount }, (): Gateway => {
        return { leases: pots.map(() => new Map()), held: 0n, used: 0n }
      })
      let served = 0n
      for (const { gateway: at, requests, wants, speaks } of turns) {
        const gateway = gateways[at]
        if (gateway === undefined) throw new Error('there is no such gateway')
        for (let request = 0; request < requests && gateway.held >= price; request++) {
          gateway.held -= price
          gateway.used += price
          served += price
        }
        if (speaks !== 'is silent') tell(pots, gateway, { speaks, wants })
      }
      for (const gateway of gateways) tell(pots, gateway, { speaks: 'closes', wants: 0n })
      const left = pots.reduce((sum, { holding }) => sum + holding.credits, 0n)
      const bought = funds.reduce((sum, one) => sum + one, 0n)
      // Credits of a holding whose last token was used are void: a token here is worth a credit, so there are none.
      expect({ charged: bought - left }).toEqual({ charged: served })
      expect(pots.map(({ holding }) => holding.leased)).toEqual([0n, 0n])
    }),
    { numRuns: 400 },
  )
})

function potOf(funds: bigint, at: number): PotState {
  const holding = { ...noHolding, tokens: funds, credits: funds }
  return {
    asset: at === 0 ? 'ankr' : 'usd',
    holding,
    leases: new Map(),
    cap: noCap,
    periodUsed: 0n,
  }
}

/** What one gateway says to the books. Nothing it says may be charged without a lease, or find nothing left. */
function tell(
  pots: PotState[],
  gateway: Gateway,
  { speaks, wants }: { speaks: string; wants: bigint },
): void {
  for (const [at, pot] of pots.entries()) pot.leases = gateway.leases[at] ?? new Map()
  const position: Position = { pots, isFrozen: false }
  const closes = speaks === 'closes'
  const needs = speaks === 'posts' && gateway.held < price ? price : 0n
  const settled = settle(
    position,
    settlingOf({
      charges: new Map(gateway.used > 0n ? [['', gateway.used]] : []),
      claims: closes ? [] : [{ key: '', holds: gateway.held, wants: wants + needs, needs }],
      closes,
    }),
  )
  expect([settled.uncollected, settled.late]).toEqual([0n, 0n])
  gateway.used = 0n
  gateway.held = closes ? 0n : gateway.held + (settled.grants[0]?.granted ?? 0n)
  expect(leasedTo(position, '')).toBe(gateway.held)
  for (const { holding } of pots) {
    expect(holding.credits >= holding.leased && holding.leased >= 0n).toBeTrue()
  }
}
