import { UnreadableFile } from '@mooring/market/settlement/canonical-file'
import {
  type ChargeFile,
  type ChargeFileRoots,
  chargeFileLimits,
  parseChargeFile,
} from '@mooring/market/settlement/charge-file'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import {
  escrowOf,
  readChargePeriod,
  readRootsBack,
  type StandingRoot,
} from '@mooring/onchain/charge-roots'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { chargeRootData } from '@mooring/onchain/signed'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Chore, ChoreParts, Turn } from '../chore.ts'
import { momentOf } from './moment.ts'

type NextRoot = {
  rootId: bigint
  /** Not disabled. */
  newest: StandingRoot | undefined
  periodSeconds: bigint
  nowSeconds: bigint
}

/** Posts the next charge root of an escrow, as soon as its period is over and enough verifiers have signed it. */
export function chargeRootChore(parts: ChoreParts, asset: AssetName): Chore {
  return {
    name: `charge root ${asset}`,
    intervalMs: parts.config.intervals.chargesMs,
    round: (turn) => postNext(parts, asset, turn),
  }
}

async function postNext(parts: ChoreParts, asset: AssetName, turn: Turn): Promise<void> {
  const { system, files, panel } = parts
  const next = await readNext(parts, asset)
  const { rootId, newest, periodSeconds, nowSeconds } = next
  const earliest = newest === undefined ? 0n : newest.periodEnd + periodSeconds
  if (nowSeconds < earliest) return turn.waitFor(`a period that ends at ${momentOf(earliest)}`)
  const bytes = await files.fetchFile(settlementPaths.chargeFileOf(asset, rootId), {
    bytesMax: chargeFileLimits.bytes,
    signal: turn.signal,
  })
  if (bytes === undefined) return turn.waitFor(`a charge file of root ${rootId}`)
  const read = readFile(parts, bytes)
  if (typeof read === 'string') return turn.holdUp(read)
  const wrong = problemOf(parts, asset, { next, file: read.file })
  if (wrong !== undefined) return turn.holdUp(`the charge file of root ${rootId} ${wrong}`)
  const { periodEnd } = read.file
  if (periodEnd > nowSeconds) return turn.waitFor(`${momentOf(periodEnd)}, when the period ends`)
  if (periodEnd < earliest || periodEnd + periodSeconds <= nowSeconds) {
    return turn.waitFor(`a charge file of root ${rootId} of a newer period`)
  }
  const { root, dataHash } = read.roots
  const escrow = escrowOf[asset]
  const statement = { rootId, root, dataHash, periodEnd }
  const collected = await panel.collect(
    { kind: 'charge-root', asset, rootId: String(rootId), dataHash },
    chargeRootData(system.deployment, escrow, statement),
    turn.signal,
  )
  if (!collected.enough) {
    const waits = `${collected.waits} for charge root ${rootId}`
    return collected.isGrowing ? turn.waitFor(waits) : turn.holdUp(waits)
  }
  const { signatures } = collected
  await turn.act({
    what: `post charge root ${rootId} of ${asset}`,
    call: callPart(system, escrow, 'postChargeRoot', [root, dataHash, periodEnd, signatures]),
    isDue: async () => (await readPart(system, escrow, 'chargeRootCount', [])) < rootId,
  })
}

async function readNext({ system }: ChoreParts, asset: AssetName): Promise<NextRoot> {
  const { hash: blockHash, timestamp } = await system.reader.getBlock()
  // All of one block, so that a root that is posted meanwhile is not seen in part.
  const at = { blockHash }
  const [count, periodSeconds] = await Promise.all([
    readPart(system, escrowOf[asset], 'chargeRootCount', [], at),
    readChargePeriod(system, at),
  ])
  const { value } = await readRootsBack(system, { asset, count, at }).next()
  return {
    ...{ rootId: count + 1n, periodSeconds, nowSeconds: timestamp },
    // What a generator that has ended gives is nothing.
    newest: value as StandingRoot | undefined,
  }
}

function readFile(
  { keccak }: ChoreParts,
  bytes: Uint8Array,
): { file: ChargeFile; roots: ChargeFileRoots } | string {
  try {
    return parseChargeFile(bytes, keccak)
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return `the charge file cannot be read: ${error.message}`
  }
}

/** What a file of another root, another chain or another past says. */
function problemOf(
  { system }: ChoreParts,
  asset: AssetName,
  { next, file }: { next: NextRoot; file: ChargeFile },
): string | undefined {
  const { chainId, parts } = system.deployment
  const { deployment, previous } = file
  if (deployment.chainId !== chainId) return `is of chain ${deployment.chainId}`
  if (deployment.escrow !== parts[escrowOf[asset]].toLowerCase()) return 'is of another escrow'
  if (file.asset !== asset || file.rootId !== next.rootId) {
    return `is of root ${file.rootId} of ${file.asset}`
  }
  const expected = next.newest?.dataHash.toLowerCase() ?? null
  return previous === expected ? undefined : 'does not follow the newest root of the chain'
}
