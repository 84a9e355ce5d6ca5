import {
  type ServingRule,
  servingNodes,
  stakePerNodeOf,
  stakeTimesOf,
} from '@mooring/market/discovery/serving'
import { readPart, type System } from '@mooring/onchain/contracts'
import type { ChainEvent } from '@mooring/onchain/events/decode'
import type { Cursor, StreamItem } from '@mooring/onchain/events/follow'
import {
  type ActiveNode,
  type ProviderReading,
  readServingRule,
  readStakedProvider,
} from '@mooring/onchain/staked-provider'
import { reorgBlocksMax } from '../config-market.ts'
import { identityOf } from './endpoints.ts'
import type { NodeStake } from './node-upstreams.ts'

/** A node that may be sent requests by what the chain says. */
export type ServingNode = ActiveNode & {
  stake: NodeStake
  /** The block from which on it may, with the same key and URL. */
  sinceBlock: bigint
}

/** Of all providers there ever were, while they are read anew. */
const providersAtOnceMax = 32

/**
 * What the settlement chain says of providers, at the newest block that was read. Whatever happens to a provider, its
 * state is read anew at that block: what is true is what the contracts say, and events only tell where to look.
 */
export class ChainView {
  #providers = new Map<bigint, ProviderReading>()
  #rule: ServingRule | undefined
  #block: Cursor | undefined
  #since = new Map<string, bigint>()
  /** Who was read because of which block, oldest first, as far back as a fork may reach. */
  #touched: { providerId: bigint; block: bigint }[] = []

  get block(): Cursor | undefined {
    return this.#block
  }

  /** Reads everything at a block, where nothing is known of the one before it. */
  async readAll(system: System, block: Cursor): Promise<void> {
    const at = { blockHash: block.hash }
    const count = await readPart(system, 'registry', 'providerCount', [], at)
    const ids = Array.from({ length: Number(count) }, (_, index) => BigInt(index + 1))
    const readings = await readProviders(system, ids, block)
    this.#rule = await readServingRule(system, at)
    this.#touched = []
    this.#take(block, readings)
  }

  /** Goes on to the block of an item. Throws, and stays as it was, when the chain could not be read. */
  async follow(system: System, item: StreamItem): Promise<void> {
    const { cursor } = item
    const touched =
      item.kind === 'forward' ? this.#touchedBy(item.events) : this.#touchedAfter(cursor)
    const [readings, rule] = await Promise.all([
      readProviders(system, touched, cursor),
      readServingRule(system, { blockHash: cursor.hash }),
    ])
    this.#rule = rule
    const settled = cursor.number - BigInt(reorgBlocksMax)
    const news = touched.map((providerId) => ({ providerId, block: cursor.number }))
    this.#touched = [...this.#touched, ...news].filter(({ block }) => {
      return block > settled && block <= cursor.number
    })
    this.#take(cursor, readings)
  }

  /** All that may be sent requests. */
  serving(): ServingNode[] {
    const rule = this.#rule
    if (rule === undefined) return []
    return [...this.#providers.values()].flatMap((provider) => {
      const ids = new Set(servingNodes(provider, rule))
      const stake = { perNode: stakePerNodeOf(provider), times: stakeTimesOf(provider, rule) }
      return provider.nodes.flatMap((node): ServingNode[] => {
        const sinceBlock = this.#since.get(identityOf(node)) ?? this.#block?.number ?? 0n
        return ids.has(node.nodeId) ? [{ ...node, stake, sinceBlock }] : []
      })
    })
  }

  /** Why a node may not be sent requests, for people. */
  whyNot(nodeId: bigint, providerId: bigint): string {
    const provider = this.#providers.get(providerId)
    if (provider === undefined || !provider.activeNodeIds.includes(nodeId))
      return 'it is not active'
    const now = this.#rule?.nowSeconds ?? 0n
    if (now < provider.jailedUntilSeconds) return 'its provider is in jail'
    const isServing = this.serving().some((node) => node.nodeId === nodeId)
    return isServing ? 'its key, its URL or its chains are others' : 'own stake does not cover it'
  }

  #take(block: Cursor, readings: Map<bigint, ProviderReading | undefined>): void {
    for (const [providerId, reading] of readings) {
      if (reading === undefined) this.#providers.delete(providerId)
      else this.#providers.set(providerId, reading)
    }
    this.#block = block
    const since = this.serving().map((node): [string, bigint] => {
      // After a fork it cannot have been so for longer than since the block that is shared.
      return [identityOf(node), earlier(node.sinceBlock, block.number)]
    })
    this.#since = new Map(since)
  }

  #touchedBy(events: readonly ChainEvent[]): bigint[] {
    const ids = events.flatMap(({ part, args }) => {
      if (part !== 'registry' && part !== 'pool') return []
      const { providerId, nodeId } = args
      return typeof providerId === 'bigint' ? [providerId] : this.#providerOf(nodeId)
    })
    return [...new Set(ids)]
  }

  /** Of a node that is not active nothing matters but that it becomes so, which its provider's events tell. */
  #providerOf(nodeId: unknown): bigint[] {
    for (const { providerId, activeNodeIds } of this.#providers.values()) {
      if (activeNodeIds.some((id) => id === nodeId)) return [providerId]
    }
    return []
  }

  #touchedAfter({ number }: Cursor): bigint[] {
    const after = this.#touched.filter(({ block }) => block > number)
    return [...new Set(after.map(({ providerId }) => providerId))]
  }
}

async function readProviders(
  system: System,
  ids: readonly bigint[],
  { hash: blockHash }: Cursor,
): Promise<Map<bigint, ProviderReading | undefined>> {
  const readings = new Map<bigint, ProviderReading | undefined>()
  for (let at = 0; at < ids.length; at += providersAtOnceMax) {
    const some = ids.slice(at, at + providersAtOnceMax)
    const read = await Promise.all(some.map((id) => readStakedProvider(system, id, { blockHash })))
    for (const [index, id] of some.entries()) readings.set(id, read[index])
  }
  return readings
}

function earlier(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
