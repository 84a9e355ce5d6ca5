import { callPart, readPart } from '@mooring/onchain/contracts'
import type { Action, Chore, ChoreParts, Turn } from '../chore.ts'

/** In the order of the contract. */
const buckets = ['treasury', 'grants', 'auditors', 'protection'] as const

/** Moves on what lies somewhere: splits fees, books providers' part, sells the stablecoin, pays out the buckets. */
export function feesChore(parts: ChoreParts): Chore {
  return {
    name: 'fees',
    intervalMs: parts.config.intervals.feesMs,
    async round(turn) {
      await moveArrived(parts, turn)
      await sellStable(parts, turn)
      await releaseBuckets(parts, turn)
    },
  }
}

/** Charges and auctions do both by themselves; this is for what somebody has sent. */
async function moveArrived({ system, config }: ChoreParts, turn: Turn): Promise<void> {
  const { ankr } = system.deployment.parts
  const isDueAt = (part: 'feeRouter' | 'distributor') => async () =>
    (await readPart(system, part, 'surplusOf', [ankr])) >= config.ankrMin
  const isRouterDue = isDueAt('feeRouter')
  await actIfDue(turn, {
    what: 'split fees that have arrived',
    call: callPart(system, 'feeRouter', 'route', []),
    isDue: isRouterDue,
  })
  await actIfDue(turn, {
    what: 'book what has arrived for providers',
    call: callPart(system, 'distributor', 'fund', []),
    isDue: isDueAt('distributor'),
  })
}

/** The router itself says whether the rate is fresh and the lot large enough. */
async function sellStable({ system }: ChoreParts, turn: Turn): Promise<void> {
  const [auction, { timestamp }] = await Promise.all([
    readPart(system, 'feeRouter', 'auction', []),
    system.reader.getBlock(),
  ])
  const isOpen = auction.lot > 0n
  if (isOpen && timestamp < auction.endsAt) return
  const start = callPart(system, 'feeRouter', 'startAuction', [])
  if (await turn.isAllowed(start)) {
    await turn.act({
      what: 'start an auction of the stablecoin',
      call: start,
      isDue: () => turn.isAllowed(start),
    })
    return
  }
  const [[, , isStale], pending] = await Promise.all([
    readPart(system, 'rateFeed', 'latest', []),
    readPart(system, 'feeRouter', 'stablePending', []),
  ])
  if (!isOpen && pending === 0n) return
  // The next start gives an unsold rest back as well, and a rate that is stale now is not for long.
  if (isStale) return turn.waitFor('a fresh rate, for an auction')
  const end = callPart(system, 'feeRouter', 'endAuction', [])
  if (!isOpen || !(await turn.isAllowed(end))) return
  await turn.act({
    what: 'end an auction of the stablecoin',
    call: end,
    isDue: () => turn.isAllowed(end),
  })
}

async function releaseBuckets({ system, config }: ChoreParts, turn: Turn): Promise<void> {
  for (const [bucket, name] of buckets.entries()) {
    await actIfDue(turn, {
      what: `release what has accrued for the ${name}`,
      call: callPart(system, 'feeRouter', 'release', [bucket]),
      isDue: async () =>
        (await readPart(system, 'feeRouter', 'accrued', [bucket])) >= config.ankrMin,
    })
  }
}

async function actIfDue(turn: Turn, action: Action): Promise<void> {
  if (await action.isDue()) await turn.act(action)
}
