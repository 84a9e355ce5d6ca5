import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import type { ReadEpochFile } from '@mooring/market/settlement/epoch-file'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { epochData } from '@mooring/onchain/signed'
import { settlementPaths } from '@mooring/protocol/settlement/signing-wire'
import type { Chore, ChoreParts, Turn } from '../chore.ts'
import { fetchEpochFile } from './epoch-files.ts'

type Posted = {
  /** Posted last; undefined before the first one. */
  latest: bigint | undefined
  /** Posts ever made: part of what is signed. */
  attempt: bigint
  current: bigint
}

/** Posts the newest epoch that the billing service has closed, when enough verifiers have signed it. */
export function epochChore(parts: ChoreParts): Chore {
  return {
    name: 'epoch',
    intervalMs: parts.config.intervals.epochsMs,
    round: (turn) => postNewest(parts, turn),
  }
}

async function postNewest(parts: ChoreParts, turn: Turn): Promise<void> {
  const { system, panel } = parts
  const posted = await readPosted(parts)
  const { latest, attempt, current } = posted
  if (current === 0n || latest === current - 1n) return turn.waitFor(`the end of epoch ${current}`)
  const file = await fetchEpochFile(parts, settlementPaths.newestEpochFile, turn)
  if (file === undefined) return turn.waitFor('an epoch file')
  if (typeof file === 'string') return turn.holdUp(file)
  const { roots } = file
  if (latest !== undefined && roots.epoch <= latest) {
    return turn.waitFor(`the file of an epoch after ${latest}`)
  }
  const wrong = problemOf(parts, posted, file)
  if (wrong !== undefined) return turn.holdUp(`the file of epoch ${roots.epoch} ${wrong}`)
  const { dataHash } = file
  const collected = await panel.collect(
    { kind: 'epoch', epoch: String(roots.epoch), attempt: String(attempt), dataHash },
    epochData(system.deployment, { ...roots, attempt }),
    turn.signal,
  )
  if (!collected.enough) {
    const waits = `${collected.waits} for epoch ${roots.epoch}`
    return collected.isGrowing ? turn.waitFor(waits) : turn.holdUp(waits)
  }
  await turn.act({
    what: `post epoch ${roots.epoch}`,
    call: callPart(system, 'epochs', 'post', [roots, collected.signatures]),
    isDue: async () => (await readPart(system, 'epochs', 'attempt', [])) === attempt,
  })
}

async function readPosted({ system }: ChoreParts): Promise<Posted> {
  const { hash: blockHash } = await system.reader.getBlock()
  const at = { blockHash }
  const [[latest, any], attempt, current] = await Promise.all([
    readPart(system, 'epochs', 'latest', [], at),
    readPart(system, 'epochs', 'attempt', [], at),
    readPart(system, 'params', 'currentEpoch', [], at),
  ])
  return { latest: any ? latest : undefined, attempt, current }
}

/** What verifiers would refuse all the same, told before they are asked. */
function problemOf(
  { system }: ChoreParts,
  { latest, current }: Posted,
  { data, roots, dataHash }: ReadEpochFile & EpochFile,
): string | undefined {
  const { chainId, parts } = system.deployment
  if (data.deployment.chainId !== chainId) return `is of chain ${data.deployment.chainId}`
  if (data.deployment.epochs !== parts.epochs.toLowerCase()) return 'is of another deployment'
  if (roots.dataHash !== dataHash) return 'names another hash than its own'
  if (roots.epoch !== data.epoch.number) return `has roots of epoch ${roots.epoch}`
  if (roots.epoch >= current) return 'is of an epoch that has not ended'
  if (data.previous?.number !== latest) return 'does not follow the epoch posted last'
  return undefined
}
