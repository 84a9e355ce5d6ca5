import type { ChargeFile } from '@mooring/market/settlement/charge-file'
import {
  earlierRootsMax,
  leafProblem,
  type SignedTotals,
} from '@mooring/market/settlement/charge-totals'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import {
  escrowOf,
  readCapTerms,
  readChargePeriod,
  readPostedRoots,
} from '@mooring/onchain/charge-roots'
import { chargeRootData } from '@mooring/onchain/signed'
import type { ChargeRootWish } from '@mooring/protocol/settlement/signing-wire'
import { type Head, hashAt, readHead } from '../chain/head.ts'
import { lowerCase } from '../chain/lower-case.ts'
import { readAccounts } from './accounts.ts'
import { chargeFileProblems } from './charge-file-problems.ts'
import type { Checked, SettlementContext } from './context.ts'
import { type EarlierRoots, fetchChargeFile } from './earlier-roots.ts'
import { agreedOn, assertNothingDiffers, Unsigned } from './unsigned.ts'

/**
 * Whether a charge root may be signed: its file is the next of its escrow, and each of its leaves takes from its account
 * no more than its owner agreed to, as every source has it.
 *
 * @throws Unsigned with what is wrong.
 */
export async function checkChargeRoot(
  context: SettlementContext & { earlier: EarlierRoots },
  wish: ChargeRootWish,
  signal: AbortSignal,
): Promise<Checked> {
  const { deployment, earlier } = context
  const { asset, dataHash } = wish
  const head = agreedOn(await readHead(context.sources))
  const chain = await readChain(context, wish, head)
  const { posted, periodSeconds, nowSeconds } = chain
  // Before anything is fetched, which costs more than to ask.
  if (BigInt(wish.rootId) !== posted.count + 1n) {
    throw new Unsigned(`the next root of that escrow is ${posted.count + 1n}, not ${wish.rootId}`)
  }
  const { file, roots } = await fetchChargeFile(context, dataHash, signal)
  const escrow = lowerCase(deployment.parts[escrowOf[asset]])
  assertNothingDiffers(
    chargeFileProblems(file, { ...chain, chainId: deployment.chainId, escrow, asset }),
  )
  await assertStateKnown(context, file, head)
  const moment = { block: head.block, seconds: nowSeconds, signal }
  const signed = await earlier.signedTotals(asset, posted.standing, moment)
  await assertLeavesHold(context, { file, signed, head, signal })
  const { rootId, periodEnd } = file
  const finalSeconds = await readFinalSeconds(context, head)
  return {
    data: chargeRootData(deployment, escrowOf[asset], { rootId, ...roots, periodEnd }),
    claim: () =>
      context.signatures.claimChargeRoot(
        { escrow, rootId, dataHash, periodEnd },
        (end) => end + periodSeconds > finalSeconds,
      ),
  }
}

async function readChain(
  { sources, deployment }: SettlementContext,
  { asset }: ChargeRootWish,
  { block: blockNumber }: Head,
) {
  const at = { blockNumber }
  return agreedOn(
    await sources.askBoth(async (reader) => {
      const system = { reader, deployment }
      const [posted, periodSeconds, { timestamp: nowSeconds }] = await Promise.all([
        readPostedRoots(system, { asset, at, rootsMax: earlierRootsMax }),
        readChargePeriod(system, at),
        reader.getBlock(at),
      ])
      return { posted, periodSeconds, nowSeconds }
    }),
  )
}

/** Books of another branch would be about deposits that there are not. */
async function assertStateKnown(
  { sources }: SettlementContext,
  { state }: ChargeFile,
  { block }: Head,
): Promise<void> {
  if (state.block > block) {
    throw new Unsigned(`state.block: expected at most ${block}, found ${state.block}`)
  }
  const hash = agreedOn(await sources.askBoth((reader) => hashAt(reader, state.block)))
  if (hash === state.hash) return
  throw new Unsigned(`state.hash: expected ${hash ?? 'a block there is'}, found ${state.hash}`)
}

type Leaves = { file: ChargeFile; signed: SignedTotals; head: Head; signal: AbortSignal }

/**
 * Each leaf has to hold in the block of the books, or else in the newest one. The first alone would ask sources for
 * state that they may have thrown away, and the second alone would let whoever takes out a part of a deposit hold up a
 * root of all. In neither does a leaf ask for more than one cap, and the escrow looks at the cap again.
 */
async function assertLeavesHold(
  context: SettlementContext,
  { file, signed, head, signal }: Leaves,
): Promise<void> {
  let wrong = file.leaves.map((_, at) => at)
  let differences: Difference[] = []
  for (const blockNumber of [file.state.block, head.block]) {
    const cap = await context.sources.askBoth((reader) => {
      const system = { reader, deployment: context.deployment }
      return readCapTerms(system, file.asset, { blockNumber })
    })
    // Nodes that have thrown the state of a block away say so in ways of their own.
    if (!cap.ok && blockNumber !== head.block && cap.code === 'SOURCE_UNREACHABLE') continue
    const terms = { file, signed, cap: agreedOn(cap), blockNumber, signal }
    differences = []
    wrong = await leavesThatDiffer(context, wrong, { ...terms, differences })
    if (wrong.length === 0) return
  }
  assertNothingDiffers(differences)
}

/** @returns Places of the leaves that do not hold; what is wrong with each goes to `differences`. */
async function leavesThatDiffer(
  context: SettlementContext,
  places: readonly number[],
  {
    file: { asset, leaves },
    differences,
    ...terms
  }: Omit<Leaves, 'head'> & {
    cap: Parameters<typeof leafProblem>[2]['cap']
    blockNumber: bigint
    differences: Difference[]
  },
): Promise<number[]> {
  const asked = places.flatMap((place) => leaves[place] ?? [])
  const wrong: number[] = []
  let at = 0
  const accounts = asked.map(({ account }) => account)
  for await (const found of readAccounts(context, { asset, accounts, ...terms })) {
    for (const account of found) {
      const [place, leaf] = [places[at], asked[at++]]
      if (place === undefined || leaf === undefined) continue
      const problem = leafProblem(leaf, { ...account, account: leaf.account }, terms)
      if (problem === undefined) continue
      const { member, expected } = problem
      wrong.push(place)
      const path = `leaves[${place}].${member}`
      differences.push({ path, expected, found: String(leaf[member]) })
    }
  }
  return wrong
}

/** What the chain cannot take back any more has passed; where it knows no finality, what is deep enough. */
async function readFinalSeconds(
  { sources, depthBlocks }: SettlementContext,
  { block, finalBlock }: Head,
): Promise<bigint> {
  const deep = block - BigInt(depthBlocks)
  const blockNumber = finalBlock ?? (deep < 0n ? 0n : deep)
  const question = await sources.askBoth(async (reader) => {
    const { timestamp } = await reader.getBlock({ blockNumber })
    return timestamp
  })
  return agreedOn(question)
}
