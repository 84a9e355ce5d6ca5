import { decodeEventLog, type Hex, type Log } from 'viem'
import { abiOfPart } from '../contracts.ts'
import { type PartName, partNames } from '../deploy/plan.ts'
import type { Deployment } from '../deployment.ts'

/** An event of one part of a deployment, where and when it happened. */
export type ChainEvent = {
  part: PartName
  /** As the contract declares it, e.g. `Deposited`. */
  name: string
  /** Its arguments by name, as the ABI types them. */
  args: Readonly<Record<string, unknown>>
  blockNumber: bigint
  transactionHash: Hex
  /** Place in its block; with the block it is the event's identity. */
  logIndex: number
}

/** Events of our parts in the order they happened. What no ABI of ours declares is left out: tokens may do more than we know. */
export function decodeEvents(deployment: Deployment, logs: readonly Log[]): ChainEvent[] {
  const partAt = new Map(partNames.map((part) => [deployment.parts[part].toLowerCase(), part]))
  return logs.flatMap((log) => {
    const part = partAt.get(log.address.toLowerCase())
    const event = part === undefined ? undefined : decode(part, log)
    return event ?? []
  })
}

function decode(part: PartName, log: Log): ChainEvent | undefined {
  const { data, topics, blockNumber, transactionHash, logIndex } = log
  // Logs of blocks that are not mined yet have none of these, and are not asked for.
  if (blockNumber === null || transactionHash === null || logIndex === null) return undefined
  try {
    const { eventName, args } = decodeEventLog({ abi: abiOfPart[part], data, topics })
    const named: Readonly<Record<string, unknown>> = { ...args }
    return { part, name: eventName, args: named, blockNumber, transactionHash, logIndex }
  } catch {
    return undefined
  }
}
