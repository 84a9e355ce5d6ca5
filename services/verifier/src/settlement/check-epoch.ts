import type { EpochData } from '@mooring/market/settlement/epoch-data'
import { epochFileLimits, type ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import type { Difference } from '@mooring/market/settlement/inconsistencies'
import { defaultQualityRule } from '@mooring/market/settlement/quality'
import { readPart, type System } from '@mooring/onchain/contracts'
import { compareWithChain, StateGone } from '@mooring/onchain/epoch-on-chain'
import { epochData } from '@mooring/onchain/signed'
import { type EpochWish, settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import { readHead } from '../chain/head.ts'
import { lowerCase } from '../chain/lower-case.ts'
import { fetchFile } from './billing-files.ts'
import type { Checked, SettlementContext } from './context.ts'
import { readEpochFile } from './read-file.ts'
import { agreedOn, assertNothingDiffers, Unsigned } from './unsigned.ts'

/**
 * Whether an epoch may be signed: all in its file comes out as it says, it pays by the published rule of quality, and every
 * source has what it says of the chain.
 *
 * @throws Unsigned with what is wrong.
 */
export async function checkEpoch(
  context: SettlementContext,
  wish: EpochWish,
  signal: AbortSignal,
): Promise<Checked> {
  const { deployment, signatures } = context
  const { dataHash } = wish
  const head = agreedOn(await readHead(context.sources))
  const posted = await readPosted(context, head.block)
  // Before anything is fetched, which costs more than to ask.
  assertNext(wish, posted)
  const file = await fetchEpochFile(context, wish, signal)
  assertNothingDiffers([
    ...differs('data.epoch.number', wish.epoch, file.data.epoch.number),
    ...previousProblems(file.data, posted),
    ...qualityProblems(file.data),
  ])
  if (file.data.state.block > head.block) {
    throw new Unsigned(`data.state.block: expected at most ${head.block}`)
  }
  await assertChainSaysSo(context, file)
  const { number: epoch } = file.data.epoch
  const { attempt } = posted
  const epochs = lowerCase(deployment.parts.epochs)
  return {
    data: epochData(deployment, { ...file.roots, attempt }),
    claim: () => signatures.claimEpoch({ epochs, epoch, attempt, dataHash }),
  }
}

type Posted = Awaited<ReturnType<typeof readPosted>>

/** What was posted, as every source has it in one block. */
async function readPosted({ sources, deployment }: SettlementContext, blockNumber: bigint) {
  const at = { blockNumber }
  return agreedOn(
    await sources.askBoth(async (reader) => {
      const system = { reader, deployment }
      const [attempt, currentEpoch, [latest, any]] = await Promise.all([
        readPart(system, 'epochs', 'attempt', [], at),
        readPart(system, 'params', 'currentEpoch', [], at),
        readPart(system, 'epochs', 'latest', [], at),
      ])
      if (!any) return { attempt, currentEpoch, latest: undefined }
      const [roots] = await readPart(system, 'epochs', 'rootsOf', [latest], at)
      return { attempt, currentEpoch, latest: roots }
    }),
  )
}

function assertNext(wish: EpochWish, { attempt, currentEpoch, latest }: Posted): void {
  const epoch = BigInt(wish.epoch)
  if (epoch >= currentEpoch) {
    throw new Unsigned(`epoch ${epoch} has not ended: it is epoch ${currentEpoch}`)
  }
  if (latest !== undefined && epoch <= latest.epoch) {
    throw new Unsigned(`epoch ${epoch} is closed: the one posted last is ${latest.epoch}`)
  }
  if (BigInt(wish.attempt) !== attempt) {
    throw new Unsigned(`the next attempt to post an epoch is ${attempt}, not ${wish.attempt}`)
  }
}

/** One may have been posted or disabled since the block of the file. */
function previousProblems({ previous }: EpochData, { latest }: Posted): Difference[] {
  if (previous === null || latest === undefined) {
    return differs('data.previous', latest?.epoch ?? 'none', previous?.number ?? 'none')
  }
  const { epoch, payoutsRoot, payoutsTotal, withheldTotal } = latest
  return [
    ...differs('data.previous.number', epoch, previous.number),
    ...differs('data.previous.payoutsRoot', lowerCase(payoutsRoot), previous.payoutsRoot),
    ...differs('data.previous.payoutsTotal', payoutsTotal, previous.payoutsTotal),
    ...differs('data.previous.withheldTotal', withheldTotal, previous.withheldTotal),
  ]
}

function qualityProblems({ quality }: EpochData): Difference[] {
  // The rule's own members.
  const members = Object.keys(defaultQualityRule) as (keyof typeof defaultQualityRule)[]
  return members.flatMap((member) =>
    differs(`data.quality.${member}`, defaultQualityRule[member], quality[member]),
  )
}

async function fetchEpochFile(
  { billingUrl, fileTimeoutMs }: SettlementContext,
  { dataHash }: EpochWish,
  signal: AbortSignal,
): Promise<ReadEpochFile> {
  const path = settlementPaths.epochFile(dataHash)
  const limits = { timeoutMs: fileTimeoutMs, bytesMax: epochFileLimits.bytes, signal }
  const file = await readEpochFile(await fetchFile({ billingUrl, path }, limits), signal)
  if (file.dataHash === dataHash) return file
  throw new Unsigned(`the billing service sent the file ${file.dataHash} in place of ${dataHash}`)
}

async function assertChainSaysSo(
  { sources, deployment, chainTimeoutMs }: SettlementContext,
  file: ReadEpochFile,
): Promise<void> {
  const found = await sources.askBoth(
    (reader) => compareAt({ reader, deployment }, file),
    chainTimeoutMs,
  )
  const { differences, gone } = agreedOn(found)
  if (gone !== undefined) throw new Unsigned(gone)
  assertNothingDiffers(differences)
}

/** A source that has thrown the state away says so in words, which others repeat. */
async function compareAt(
  system: System,
  file: ReadEpochFile,
): Promise<{ differences: Difference[]; gone?: string }> {
  try {
    return { differences: (await compareWithChain(system, file)).differences }
  } catch (error) {
    if (error instanceof StateGone) return { differences: [], gone: error.message }
    throw error
  }
}

function differs(path: string, expected: unknown, found: unknown): Difference[] {
  const [one, other] = [String(expected), String(found)]
  return one === other ? [] : [{ path, expected: one, found: other }]
}
