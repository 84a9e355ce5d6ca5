import type { Deposit } from '@mooring/market/economy/payments/escrow'
import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import { chargeFileLimits, parseChargeFile } from '@mooring/market/settlement/charge-file'
import { takenBy, takesAll } from '@mooring/market/settlement/due-charges'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import { type ChargeLeaf, chargeTree, type PlainTree } from '@mooring/market/settlement/plain-tree'
import {
  escrowOf,
  readCapTerms,
  readRootsBack,
  type StandingRoot,
} from '@mooring/onchain/charge-roots'
import { callPart, readPart, type System } from '@mooring/onchain/contracts'
import { readMany } from '@mooring/onchain/read-many'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Hex } from 'viem'
import { AppliedRoots, type BlockName } from '../chain/applied-roots.ts'
import type { Chore, ChoreParts, Turn } from '../chore.ts'
import { momentOf } from './moment.ts'

/** Some 25,000 gas each, and their proofs, so that a transaction stays well under any block. */
const leavesEach = 200
/** Accounts looked at together. */
const accountsEach = 1_000
/** Leaves of roots before one that was found applied are in newer ones, if anything of them is left. One more, to be safe. */
const appliedInARow = 2
const rootsBackMax = 64

type Means = { parts: ChoreParts; asset: AssetName; turn: Turn; applied: AppliedRoots }
/** The newest root's leaves by account, where it is not the one that is looked at. */
type Newest = { rootId: bigint; leaves: ReadonlyMap<string, ChargeLeaf> }

/** Applies what posted roots say, once they are applicable: the oldest first, for each may take one cap. */
export function chargesChore(parts: ChoreParts, asset: AssetName): Chore {
  const applied = new AppliedRoots(parts.system)
  return {
    name: `charges ${asset}`,
    intervalMs: parts.config.intervals.chargesMs,
    round: (turn) => applyAll({ parts, asset, turn, applied }),
  }
}

async function applyAll(means: Means): Promise<void> {
  const open = await readOpenRoots(means)
  const [last] = open
  if (last === undefined) return
  const lastLeaves = await readLeaves(means, last)
  const newest: Newest = {
    rootId: last.rootId,
    leaves: new Map(lastLeaves?.map((leaf) => [leaf.account, leaf])),
  }
  for (const root of open.toReversed()) {
    const leaves = root === last ? lastLeaves : await readLeaves(means, root)
    if (leaves === undefined || !(await applyRoot(means, { root, leaves, newest }))) return
  }
}

/** Applicable and not known to be wholly applied, the newest first. */
async function readOpenRoots({ parts, asset, turn, applied }: Means): Promise<StandingRoot[]> {
  const { system } = parts
  const { hash: blockHash, timestamp } = await system.reader.getBlock()
  const count = await readPart(system, escrowOf[asset], 'chargeRootCount', [], { blockHash })
  const open: StandingRoot[] = []
  let inARow = 0
  for await (const root of readRootsBack(system, { asset, count, at: { blockHash } })) {
    if (root.applicableAt > timestamp) {
      turn.waitFor(`${momentOf(root.applicableAt)}, when root ${root.rootId} is applicable`)
      continue
    }
    const isApplied = await applied.has(root)
    if (!isApplied) open.push(root)
    inARow = isApplied ? inARow + 1 : 0
    if (inARow === appliedInARow || open.length === rootsBackMax) break
  }
  return open
}

/** @returns Undefined where there is no file that this root comes out of, which has been told of. */
async function readLeaves(
  { parts, asset, turn }: Means,
  { rootId, root, dataHash }: StandingRoot,
): Promise<readonly ChargeLeaf[] | undefined> {
  const path = settlementPaths.chargeFile(dataHash)
  const options = { bytesMax: chargeFileLimits.bytes, signal: turn.signal }
  const bytes = await parts.files.fetchFile(path, options)
  const name = `the charge file of root ${rootId} of ${asset}`
  const hold = (why: string) => void turn.holdUp(`${name} ${why}`)
  if (bytes === undefined) return hold('is not to be had')
  try {
    const { file, roots } = parseChargeFile(bytes, parts.keccak)
    if (roots.dataHash !== dataHash) return hold('is another one than was signed')
    if (roots.root !== root) return hold('has another root than the chain')
    return file.leaves
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return hold(`cannot be read: ${error.message}`)
  }
}

/** @returns Whether all of it could be sent that was due. What is wholly applied is found by the next round. */
async function applyRoot(
  means: Means,
  { root, leaves, newest }: { root: StandingRoot; leaves: readonly ChargeLeaf[]; newest: Newest },
): Promise<boolean> {
  const { parts, asset, applied } = means
  const { system } = parts
  const proofOf = createProofs(leaves, parts)
  // One for all, so that nothing is due in a block, and not here in one and there in another.
  let block = await readBlock(system)
  let due: number[] = []
  let isWhole = true
  for (let from = 0; from < leaves.length; from += accountsEach) {
    const some = leaves.slice(from, from + accountsEach)
    const asked = { asset, rootId: root.rootId, leaves: some, newest, block }
    due.push(...(await readDue(system, asked)).map((place) => from + place))
    const isLast = from + accountsEach >= leaves.length
    while (due.length >= leavesEach || (isLast && due.length > 0)) {
      isWhole = false
      // There is a leaf at every place that was found.
      const batch = due.slice(0, leavesEach).map((at) => ({ ...leaves[at]!, proof: proofOf(at) }))
      if (!(await applyBatch(means, root, batch))) return false
      due = due.slice(leavesEach)
      block = await readBlock(system)
    }
  }
  if (isWhole) await applied.note(root, block)
  return true
}

async function applyBatch(
  { parts, asset, turn }: Means,
  { rootId }: StandingRoot,
  batch: readonly (ChargeLeaf & { proof: Hex[] })[],
): Promise<boolean> {
  const { system } = parts
  const done = await turn.act({
    what: `apply ${batch.length} charges of root ${rootId} of ${asset}`,
    call: callPart(system, escrowOf[asset], 'applyCharges', [rootId, batch]),
    isDue: async () => {
      const block = await readBlock(system)
      const asked = { asset, rootId, leaves: batch, newest: undefined, block }
      return (await readDue(system, asked)).length > 0
    },
  })
  return done !== undefined
}

type Asked = {
  asset: AssetName
  rootId: bigint
  leaves: readonly ChargeLeaf[]
  newest: Newest | undefined
  block: BlockName
}

/** Places of the leaves that would take something now. */
async function readDue(
  system: System,
  { asset, rootId, leaves, newest, block }: Asked,
): Promise<number[]> {
  const blockNumber = block.number
  const question = { part: escrowOf[asset], functionName: 'accountOf', blockNumber } as const
  const addresses = leaves.map(({ account }) => [account] as const)
  const cap = await readCapTerms(system, asset, { blockNumber })
  const accounts = await readMany(system, question, addresses)
  return leaves.flatMap((leaf, at) => {
    const account = accounts[at]
    if (account === undefined) return []
    const deposit: Deposit = { ...account, life: BigInt(account.life) }
    if (takenBy(deposit, { ...leaf, rootId }, cap) === 0n) return []
    const newer = newest?.leaves.get(leaf.account)
    if (newest === undefined || newer === undefined || newest.rootId === rootId) return [at]
    return takesAll(deposit, { ...newer, rootId: newest.rootId }, cap) ? [] : [at]
  })
}

async function readBlock({ reader }: System): Promise<BlockName> {
  const { number, hash } = await reader.getBlock()
  return { number, hash }
}

/** The tree is made when the first proof is asked for, and once. */
function createProofs(leaves: readonly ChargeLeaf[], { keccak }: ChoreParts) {
  let tree: PlainTree | undefined
  return (at: number) => {
    tree ??= chargeTree(leaves, keccak)
    return tree.proofOf(at)
  }
}
