import { epochNow } from '../../economy.ts'
import { isActive, latestActiveOf, latestOf, type PayoutLeaf } from '../../rewards/epochs.ts'
import type { PushArgs } from '../../verbs/payout.ts'
import { callerOr, type Move, providerIds, type Scene, signersFor } from '../scene.ts'

const waitingMax = 3

export const postEpoch: Move = (scene) => {
  const { dice, economy, cast, now } = scene
  const latest = latestOf(economy.epochs)
  const waiting = economy.epochs.posted.filter((posted) => !isActive(posted, now)).length
  const last = epochNow(economy) - 1n
  const next = latest === undefined ? 0n : latest.epoch + 1n
  if (last < 0n || waiting >= waitingMax || (last < next && dice.percent(95))) return undefined
  const closed = dice.percent(3) ? next - 1n : dice.between(next > last ? last : next, last)
  const epoch = dice.percent(97) ? closed : last + 1n
  if (epoch < 0n) return undefined
  const before = { paid: latest?.payoutsTotal ?? 0n, withheld: latest?.withheldTotal ?? 0n }
  const free = economy.distributor.fundedTotal - before.paid - before.withheld
  const { leaves, added } = someLeaves(scene, dice.percent(50) ? free : free / 2n)
  if (leaves.length === 0) return undefined
  const rest = free - added
  const within = dice.percent(50) ? 0n : dice.between(0n, rest)
  const withheld = dice.percent(3) ? rest + 1n : within
  // Less than the leaves promise, or less than an epoch before has promised.
  const short = dice.percent(5) && before.paid > 0n ? added + BigInt(dice.below(2)) : 0n
  const roots = {
    epoch,
    leaves,
    payoutsTotal: before.paid + added - short,
    withheldTotal: before.withheld + withheld,
  }
  const args = { roots, signers: signersFor(scene, 'Verifier') }
  return { name: 'postEpoch', caller: cast.outsider, args }
}

export const disableEpoch: Move = (scene) => {
  const { dice, economy, now } = scene
  const { posted } = economy.epochs
  const waiting = posted.filter((roots) => !isActive(roots, now))
  const found = dice.oneOf(dice.percent(90) ? waiting : posted)?.epoch
  const epoch = dice.percent(5) ? epochNow(economy) + 7n : found
  if (epoch === undefined) return undefined
  const caller = callerOr(scene, economy.roles.guardian)
  return { name: 'disableEpoch', caller, args: { epoch } }
}

export const push: Move = (scene) => {
  const args = somePayout(scene)
  if (args === undefined) return undefined
  return { name: 'push', caller: scene.cast.outsider, args }
}

export const pushMany: Move = (scene) => {
  const { dice, cast } = scene
  const some = Array.from({ length: 1 + dice.below(4) }, () => somePayout(scene))
  const payouts = some.filter((payout) => payout !== undefined)
  if (payouts.length === 0) return undefined
  return { name: 'pushMany', caller: cast.outsider, args: { payouts } }
}

export const sweepWithheld: Move = ({ cast, dice, economy, now }) => {
  const withheld = latestActiveOf(economy.epochs, now)?.withheldTotal ?? 0n
  if (withheld <= economy.distributor.withheldSwept && dice.percent(80)) return undefined
  return { name: 'sweepWithheld', caller: cast.outsider, args: {} }
}

/** Shares a sum out among the providers, on top of what each has earned before. */
function someLeaves(scene: Scene, sum: bigint): { leaves: PayoutLeaf[]; added: bigint } {
  const { dice, economy } = scene
  const before = latestOf(economy.epochs)?.leaves ?? []
  let added = 0n
  const leaves: PayoutLeaf[] = []
  for (const providerId of providerIds(scene)) {
    const had = before.find((leaf) => leaf.providerId === providerId)?.cumulative ?? 0n
    const more = dice.percent(80) ? dice.between(0n, sum - added) : 0n
    added += more
    if (had + more > 0n) leaves.push({ providerId, cumulative: had + more })
  }
  return { leaves, added }
}

/** Mostly a leaf of the newest active epoch with something new in it. */
function somePayout(scene: Scene): PushArgs | undefined {
  const { dice, economy, now } = scene
  const newest = latestActiveOf(economy.epochs, now)
  const roots = dice.percent(75) ? newest : dice.oneOf(economy.epochs.posted)
  if (roots === undefined) return undefined
  const paidOf = (providerId: bigint) => economy.distributor.paid.get(providerId)?.paid ?? 0n
  const fresh = roots.leaves.filter((leaf) => leaf.cumulative > paidOf(leaf.providerId))
  const leaf = dice.oneOf(dice.percent(90) ? fresh : roots.leaves)
  if (leaf === undefined) return undefined
  const cumulative = leaf.cumulative + (dice.percent(3) ? 1n : 0n)
  const providerId = dice.percent(1) ? 999n : leaf.providerId
  return { providerId, cumulative, epoch: roots.epoch }
}
