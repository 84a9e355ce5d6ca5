import { readPart, type System } from '@mooring/onchain/contracts'
import { signerRoleNames } from '@mooring/onchain/deploy/settings'
import { isUnreachable } from '@mooring/onchain/failures'
import { readPriceTableOf } from '@mooring/onchain/prices'
import type { Clock } from '@mooring/telemetry/clock'
import type { Hex } from 'viem'

/** What the contracts say that an agent goes by. */
export type ChainTerms = {
  /** Members of the set of gateways, in lower case. */
  gateways: ReadonlySet<string>
  epoch: bigint
  /** Tables of prices by epoch: of the one now, and of the one before it. */
  tariffs: ReadonlyMap<bigint, Hex>
  /** What the registry names for the node, in lower case; undefined where it knows no such node. */
  nodeKey: string | undefined
  /** When this was read, by the clock that never steps back. */
  readMs: number
}

/** Roles of signer sets count from 1. */
const gatewayRole = signerRoleNames.indexOf('gateway') + 1

export async function readTerms(system: System, nodeId: bigint, clock: Clock): Promise<ChainTerms> {
  const readMs = clock.nowMs()
  const [[members], epoch, nodeKey] = await Promise.all([
    readPart(system, 'signerSets', 'membersOf', [gatewayRole]),
    readPart(system, 'params', 'currentEpoch', []),
    readNodeKey(system, nodeId),
  ])
  const epochs = epoch === 0n ? [epoch] : [epoch, epoch - 1n]
  const tables = await Promise.all(epochs.map((each) => readPriceTableOf(system, each)))
  const gateways = new Set(members.map((member) => member.toLowerCase()))
  // One table for each epoch that was asked for.
  const tariffs = new Map(epochs.map((each, at) => [each, tables[at]!.hash]))
  return { gateways, epoch, tariffs, nodeKey, readMs }
}

async function readNodeKey(system: System, nodeId: bigint): Promise<string | undefined> {
  try {
    const { signingKey } = await readPart(system, 'registry', 'nodeOf', [nodeId])
    return signingKey.toLowerCase()
  } catch (error) {
    if (isUnreachable(error)) throw error
    return undefined
  }
}
