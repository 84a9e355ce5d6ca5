import type { EpochRoots } from '@mooring/market/settlement/epoch-data'
import { earnedTree, payoutsRootOf } from '@mooring/market/settlement/epoch-trees'
import type { Earned } from '@mooring/market/settlement/payouts'
import { callPart, readPart, type System } from '@mooring/onchain/contracts'
import { isUnreachable } from '@mooring/onchain/failures'
import { readMany } from '@mooring/onchain/read-many'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Hex } from 'viem'
import type { Chore, ChoreParts, Turn } from '../chore.ts'
import { fetchEpochFile } from './epoch-files.ts'
import { momentOf } from './moment.ts'

/** Some 250,000 gas each, so that a transaction stays well under any block. */
const payoutsEach = 20

type ActiveEpoch = Pick<
  EpochRoots,
  'epoch' | 'dataHash' | 'payoutsRoot' | 'payoutsTotal' | 'withheldTotal'
>
type Payout = { providerId: bigint; epoch: bigint; cumulative: bigint; proof: Hex[] }

/** Pushes what the newest active epoch pays, and sweeps what it withheld. */
export function payoutsChore(parts: ChoreParts): Chore {
  return {
    name: 'payouts',
    intervalMs: parts.config.intervals.epochsMs,
    async round(turn) {
      const active = await readActive(parts.system, turn)
      if (active === undefined) return
      await sweepWithheld(parts, active, turn)
      await pushAll(parts, active, turn)
    },
  }
}

async function readActive(system: System, turn: Turn): Promise<ActiveEpoch | undefined> {
  const { hash: blockHash } = await system.reader.getBlock()
  const at = { blockHash }
  const [[latest, any], [epoch, isAnyActive]] = await Promise.all([
    readPart(system, 'epochs', 'latest', [], at),
    readPart(system, 'epochs', 'latestActive', [], at),
  ])
  if (any && (!isAnyActive || latest !== epoch)) {
    const [, activeAt] = await readPart(system, 'epochs', 'rootsOf', [latest], at)
    turn.waitFor(`${momentOf(activeAt)}, when epoch ${latest} is active`)
  }
  if (!isAnyActive) return undefined
  const [roots] = await readPart(system, 'epochs', 'rootsOf', [epoch], at)
  return { ...roots, epoch }
}

async function sweepWithheld(
  { system, config }: ChoreParts,
  { epoch, withheldTotal }: ActiveEpoch,
  turn: Turn,
): Promise<void> {
  const isDue = async () => {
    const swept = await readPart(system, 'distributor', 'withheldSwept', [])
    return withheldTotal - swept >= config.ankrMin
  }
  if (!(await isDue())) return
  await turn.act({
    what: `sweep what epoch ${epoch} withheld`,
    call: callPart(system, 'distributor', 'sweepWithheld', []),
    isDue,
  })
}

async function pushAll(parts: ChoreParts, active: ActiveEpoch, turn: Turn): Promise<void> {
  const { system } = parts
  // All is paid: the file, which may be long, is left alone.
  if ((await readPart(system, 'distributor', 'paidTotal', [])) >= active.payoutsTotal) return
  const earned = await readEarned(parts, active, turn)
  if (earned === undefined) return
  const due = await findDue(parts, active, earned)
  for (let at = 0; at < due.length; at += payoutsEach) {
    const batch = due.slice(at, at + payoutsEach)
    const done = await turn.act({
      what: `push ${batch.length} payouts of epoch ${active.epoch}`,
      call: callPart(system, 'distributor', 'pushMany', [batch]),
      isDue: async () => (await whoIsPaid(system, batch)).length > 0,
    })
    if (done === undefined) return
  }
}

/** @returns Undefined where there is no file that the root on chain comes out of, which has been told of. */
async function readEarned(
  parts: ChoreParts,
  { epoch, dataHash, payoutsRoot }: ActiveEpoch,
  turn: Turn,
): Promise<readonly Earned[] | undefined> {
  const name = `the file of epoch ${epoch}`
  const file = await fetchEpochFile(parts, settlementPaths.epochFile(dataHash), turn)
  const hold = (why: string) => void turn.holdUp(why)
  if (file === undefined) return hold(`${name} is not to be had`)
  if (typeof file === 'string') return hold(file)
  if (file.dataHash !== dataHash) return hold(`${name} is another one than was signed`)
  const { payouts } = file.data
  const isRoot = payoutsRootOf(payouts, parts.keccak) === payoutsRoot
  return isRoot ? payouts : hold(`${name} has other payouts than the chain`)
}

async function findDue(
  { system, keccak }: ChoreParts,
  { epoch }: ActiveEpoch,
  earned: readonly Earned[],
): Promise<Payout[]> {
  const tree = earnedTree(earned, keccak)
  if (tree === undefined) return []
  const { number: blockNumber } = await system.reader.getBlock()
  const question = { part: 'distributor', functionName: 'paidOf', blockNumber } as const
  const ids = earned.map(({ providerId }) => [providerId] as const)
  const paid = await readMany(system, question, ids)
  const unpaid = earned.flatMap(({ providerId, cumulative }, at) => {
    const [already = 0n] = paid[at] ?? []
    return cumulative > already ? { providerId, epoch, cumulative, proof: tree.proofOf(at) } : []
  })
  return whoIsPaid(system, unpaid)
}

/** Those that the contract would pay: one that it leaves out would be tried again for ever. */
async function whoIsPaid(system: System, payouts: readonly Payout[]): Promise<Payout[]> {
  const found: Payout[] = []
  for (let at = 0; at < payouts.length; at += payoutsEach) {
    const some = payouts.slice(at, at + payoutsEach)
    const allowed = await Promise.all(some.map((payout) => isPaid(system, payout)))
    found.push(...some.filter((_, place) => allowed[place]))
  }
  return found
}

async function isPaid(
  system: System,
  { providerId, epoch, cumulative, proof }: Payout,
): Promise<boolean> {
  try {
    const args = [providerId, epoch, cumulative, proof] as const
    return (await readPart(system, 'distributor', 'dueOf', args)) > 0n
  } catch (error) {
    if (isUnreachable(error)) throw error
    return false
  }
}
