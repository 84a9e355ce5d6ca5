import type { LeaseReason } from '@mooring/protocol/metering/wire'
import type { TokenAmount } from '@mooring/protocol/units'
import { least, most, mulDivDown } from '../economy/money/mul-div.ts'
import { type CapTerms, periodCap } from '../economy/payments/escrow.ts'
import { type Credits, freeCredits, type Holding, isUntouched, tokensOf } from './holding.ts'

/** What a gateway would like to hold of an account beside what it holds. */
export type Ask = {
  wants: Credits
  /** What a request that waits for it costs: less is of no use. */
  needs: Credits
  /** Gateways that may ask for the same. */
  gateways: bigint
  isFrozen: boolean
  /** What a key with a limit of its own may still use today, if not below zero; undefined without one. */
  keyRoom: Credits | undefined
  /** The account's holdings, in the order in which they are used up. */
  pots: readonly Pot[]
}

/** A holding, and what a charge period may take from it. */
export type Pot = {
  holding: Holding
  cap: CapTerms
  /** Used in this charge period. */
  periodUsed: TokenAmount
}

/** `parts`: of each pot. */
export type Granting = { parts: Credits[]; granted: Credits; reason: LeaseReason | null }

/**
 * How much of what it wants a gateway gets: at most its share of what is free, so that another one that comes finds
 * something; near the end what the waiting request needs, if it is there.
 */
export function grantOf({ wants, needs, gateways, isFrozen, keyRoom, pots }: Ask): Granting {
  if (wants === 0n) return nothing(pots, null)
  if (isFrozen) return nothing(pots, 'frozen')
  if (pots.every(({ holding }) => isUntouched(holding))) return nothing(pots, 'uncredited')
  const rooms = pots.map(roomOf)
  const shares = pots.map(({ holding }, at) =>
    least(rooms[at] ?? 0n, freeCredits(holding) / (2n * gateways)),
  )
  const limit = keyRoom === undefined ? wants : least(wants, most(0n, keyRoom))
  const shared = fill(shares, limit)
  if (shared.granted > 0n && shared.granted >= needs) return { ...shared, reason: null }
  const needed = fill(rooms, least(needs, limit))
  if (needed.granted > 0n && needed.granted >= needs) return { ...needed, reason: null }
  return nothing(pots, reasonOf({ needs: most(needs, 1n), keyRoom, pots, rooms }))
}

/** What a pot may still be leased: it is free, and a charge period can take it. */
export function roomOf({ holding, cap, periodUsed }: Pot): Credits {
  const { tokens, credits, leased, held } = holding
  if (tokens === 0n) return 0n
  // By the balance there will be at the least, once all that is asked out is gone.
  const capped = periodCap(most(0n, tokens - held), cap)
  const taken = periodUsed + tokensOf(holding, leased)
  const room = mulDivDown(credits, most(0n, capped - taken), tokens)
  return least(freeCredits(holding), room)
}

function fill(rooms: readonly Credits[], wanted: Credits): { parts: Credits[]; granted: Credits } {
  let granted = 0n
  const parts = rooms.map((room) => {
    const part = least(room, wanted - granted)
    granted += part
    return part
  })
  return { parts, granted }
}

function nothing(pots: readonly Pot[], reason: LeaseReason | null): Granting {
  return { parts: pots.map(() => 0n), granted: 0n, reason }
}

function reasonOf({
  needs,
  keyRoom,
  pots,
  rooms,
}: {
  needs: Credits
  keyRoom: Credits | undefined
  pots: readonly Pot[]
  rooms: readonly Credits[]
}): LeaseReason {
  const sum = (values: readonly Credits[]) => values.reduce((all, value) => all + value, 0n)
  const owned = sum(pots.map(({ holding }) => holding.credits))
  if (owned < needs) return 'exhausted'
  const free = sum(pots.map(({ holding }) => freeCredits(holding)))
  if (free < needs) return 'reserved'
  if (sum(rooms) < needs) return 'period-cap'
  return keyRoom !== undefined && keyRoom < needs ? 'key-cap' : 'reserved'
}
