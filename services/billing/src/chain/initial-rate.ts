import { readPart, type System } from '@mooring/onchain/contracts'
import { readAllLogs } from '@mooring/onchain/logs'
import type { PostedRate } from '@mooring/store/ledger/escrow-events'

/**
 * The rate that the feed was made with, which no event tells: what it says while nobody has posted, or what it said
 * before the first one did.
 *
 * @returns Undefined where the node does not remember; what was deposited before the first post then waits for it.
 */
export async function readInitialRate(system: System): Promise<PostedRate | undefined> {
  const { reader, deployment } = system
  const address = [deployment.parts.rateFeed]
  const head = await reader.getBlockNumber()
  const firstBlock = BigInt(deployment.firstBlock)
  const [first] = await readAllLogs(reader, { address, from: firstBlock, to: head })
  // Logs of blocks that are mined have a number.
  const blockNumber = first === undefined ? head : first.blockNumber! - 1n
  try {
    const [usdPerAnkr, updatedAt] = await readPart(system, 'rateFeed', 'latest', [], {
      blockNumber,
    })
    const postedAtMs = Number(updatedAt) * 1_000
    return { blockNumber: firstBlock, logIndex: -1, usdPerAnkr, postedAtMs }
  } catch {
    return undefined
  }
}
