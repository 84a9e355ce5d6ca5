import type { LeaseReason } from '@mooring/protocol/metering/wire'
import type { TokenAmount } from '@mooring/protocol/units'
import { least } from '../economy/money/mul-div.ts'
import { type Credits, charge, giveBack, type Holding, lease, type Move } from './holding.ts'
import { grantOf, type Pot } from './leasing.ts'

/** One asset of an account: what there is, and what of it one epoch of a gateway holds, by purse. */
export type PotState = Pot & { asset: string; leases: Map<string, Credits> }

/** What an account has, in the order in which it is used up. Changed in place by `settle`. */
export type Position = { pots: PotState[]; isFrozen: boolean }

export type Settling = {
  /** Credits used, by purse. */
  charges: ReadonlyMap<string, Credits>
  claims: readonly { key: string; holds: Credits; wants: Credits; needs: Credits }[]
  /** Whether the epoch may be granted anything. */
  isLive: boolean
  /** Everything leased to the epoch comes back. */
  closes: boolean
  gateways: bigint
  /** What keys with a limit of their own may still use today; what is leased for them counts as used. Changed in place. */
  keyRooms: Map<string, Credits>
}

export type Settled = {
  moves: { asset: string; move: Move }[]
  grants: { key: string; granted: Credits; reason: LeaseReason | null }[]
  /** Credits for which nothing was left: served at the operator's cost. */
  uncollected: Credits
  /** What of them had no lease. */
  late: Credits
}

/**
 * Brings what a gateway says of one account into its position: charges first, then what is given back, then what is
 * granted. Pure but for the position and the rooms, which it changes.
 */
export function settle(position: Position, settling: Settling): Settled {
  const settled: Settled = { moves: [], grants: [], uncollected: 0n, late: 0n }
  const { keyRooms } = settling
  for (const [key, credits] of settling.charges) {
    const late = chargePurse(position, settled, { key, credits })
    addRoom(keyRooms, key, -late)
  }
  for (const { key, holds } of settling.claims) {
    addRoom(keyRooms, key, returnTo(position, settled, { key, holds }))
  }
  if (settling.closes) {
    const keys = new Set(position.pots.flatMap(({ leases }) => [...leases.keys()]))
    for (const key of keys) returnTo(position, settled, { key, holds: 0n })
    return settled
  }
  if (settling.isLive)
    for (const claim of settling.claims) grant(position, settled, { claim, settling })
  return settled
}

function addRoom(rooms: Map<string, Credits>, key: string, credits: Credits): void {
  const room = rooms.get(key)
  if (room !== undefined) rooms.set(key, room + credits)
}

/** All that a purse has of a lease, in all assets. */
export function leasedTo({ pots }: Pick<Position, 'pots'>, key: string): Credits {
  return pots.reduce((sum, { leases }) => sum + (leases.get(key) ?? 0n), 0n)
}

/** @returns What of it had no lease. */
function chargePurse(
  { pots }: Position,
  settled: Settled,
  { key, credits }: { key: string; credits: Credits },
): Credits {
  let left = credits
  for (const pot of pots) {
    const leased = pot.leases.get(key) ?? 0n
    const part = least(left, leased)
    if (part === 0n) continue
    setLease(pot, key, leased - part)
    chargePot(pot, settled, { credits: part, isLeased: true })
    left -= part
  }
  const late = left
  settled.late += late
  for (const pot of pots) {
    const { credits: all, leased } = pot.holding
    const part = least(left, all - leased)
    if (part === 0n) continue
    chargePot(pot, settled, { credits: part, isLeased: false })
    left -= part
  }
  settled.uncollected += left
  return late
}

function chargePot(
  pot: PotState,
  settled: Settled,
  terms: { credits: Credits; isLeased: boolean },
): void {
  const { holding, moves } = charge(pot.holding, terms)
  const worth: TokenAmount = holding.accrued - pot.holding.accrued
  take(pot, settled, { holding, moves })
  pot.periodUsed += worth
}

/** The last asset gives back first: what is used up first stays. @returns What came back. */
function returnTo(
  { pots }: Position,
  settled: Settled,
  { key, holds }: { key: string; holds: Credits },
): Credits {
  const all = leasedTo({ pots }, key) - holds
  let over = all
  for (const pot of pots.toReversed()) {
    if (over <= 0n) break
    const leased = pot.leases.get(key) ?? 0n
    const part = least(over, leased)
    if (part === 0n) continue
    setLease(pot, key, leased - part)
    take(pot, settled, giveBack(pot.holding, part))
    over -= part
  }
  return all > 0n ? all - over : 0n
}

function grant(
  position: Position,
  settled: Settled,
  { claim, settling }: { claim: Settling['claims'][number]; settling: Settling },
): void {
  const { key, wants, needs } = claim
  const { pots, isFrozen } = position
  const { gateways, keyRooms } = settling
  const keyRoom = keyRooms.get(key)
  const { parts, granted, reason } = grantOf({ wants, needs, gateways, isFrozen, keyRoom, pots })
  for (const [at, part] of parts.entries()) {
    const pot = pots[at]
    if (pot === undefined || part === 0n) continue
    setLease(pot, key, (pot.leases.get(key) ?? 0n) + part)
    take(pot, settled, lease(pot.holding, part))
  }
  if (keyRoom !== undefined) keyRooms.set(key, keyRoom - granted)
  settled.grants.push({ key, granted, reason })
}

function setLease({ leases }: PotState, key: string, credits: Credits): void {
  if (credits === 0n) leases.delete(key)
  else leases.set(key, credits)
}

function take(
  pot: PotState,
  { moves: all }: Settled,
  { holding, moves }: { holding: Holding; moves: Move[] },
): void {
  pot.holding = holding
  for (const move of moves) all.push({ asset: pot.asset, move })
}
