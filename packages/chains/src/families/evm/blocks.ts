import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { encodeQuantity } from '@mooring/protocol/quantity'
import type { BlockNeed, BlockTags } from '../../family.ts'
import { type BlockPlace, policyOf } from './methods.ts'

/** Which blocks a request needs. What cannot be read needs nothing in particular: the node says why. */
export function blockNeedOf({ method, params }: RpcRequest): BlockNeed {
  const place = policyOf(method).block
  if (!('index' in place)) return place
  if (!isList(params)) return { kind: 'none' }
  if (place.kind === 'at') return needOf(parseBlockRef(params[place.index]))
  const { from, to } = boundsOf(params[place.index], place)
  if (from.kind === 'unreadable' || to.kind === 'unreadable') return { kind: 'none' }
  // A fresh node comes before all else here; once tags are resolved, both ends are numbers.
  if (from.kind === 'head' || to.kind === 'head') return { kind: 'head' }
  return from.kind === 'number' && to.kind === 'number'
    ? { kind: 'range', ...ordered(from.number, to.number) }
    : needOf(from.kind === 'number' ? to : from)
}

/**
 * The same request with moving tags replaced by the blocks they stand for, where the method's row asks
 * for it.
 *
 * @param tags - Where they stand, in blocks; a tag that is not known stays.
 * @returns The request itself when nothing changes.
 */
export function resolveTags(request: RpcRequest, tags: BlockTags): RpcRequest {
  const { block: place, resolvesTags, blockOptional } = policyOf(request.method)
  const { params } = request
  if (!resolvesTags || !('index' in place) || !isList(params)) return request
  const { index } = place
  if (blockOptional && params.length === index && tags.latest !== undefined) {
    return { ...request, params: [...params, encodeQuantity(tags.latest)] }
  }
  const given = params[index]
  const resolved =
    place.kind === 'at' ? resolveRef(given, tags) : resolveBounds(given, place.fromDefault, tags)
  return resolved === given ? request : { ...request, params: params.with(index, resolved) }
}

/**
 * The same request with the block it names by number named by its hash.
 *
 * @returns Undefined where the method takes no hash, or names no single block by its number.
 * @see EIP-1898; EIP-234 for logs
 */
export function pinTo(request: RpcRequest, blockHash: string): RpcRequest | undefined {
  const { block: place, pinnable } = policyOf(request.method)
  const { params } = request
  if (!('index' in place) || !isList(params)) return undefined
  const given = params[place.index]
  if (place.kind === 'at') {
    const isNumbered = pinnable && parseBlockRef(given).kind === 'number'
    return isNumbered ? { ...request, params: params.with(place.index, { blockHash }) } : undefined
  }
  const { from, to } = boundsOf(given, place)
  const isOneBlock =
    place.takesHash && from.kind === 'number' && to.kind === 'number' && from.number === to.number
  if (!isOneBlock || !isObject(given)) return undefined
  const { fromBlock: _from, toBlock: _to, ...rest } = given
  return { ...request, params: params.with(place.index, { ...rest, blockHash }) }
}

/**
 * Inclusive range of blocks a log search would scan.
 *
 * Where `safe` and `finalized` stand is not known here, so both count as the head: a range that ends
 * with one is measured too wide rather than too narrow.
 *
 * @param headBlock - Head the request is routed with, in blocks.
 * @returns Undefined for what is no search over numbered blocks, or cannot be read.
 */
export function scanRangeOf({ method, params }: RpcRequest, headBlock: number): Range | undefined {
  const place = policyOf(method).block
  if (place.kind !== 'filter' || !isList(params)) return undefined
  const bounds = boundsOf(params[place.index], place)
  const from = numberOf(bounds.from, headBlock)
  const to = numberOf(bounds.to, headBlock)
  return from === undefined || to === undefined ? undefined : ordered(from, to)
}

type Range = { from: number; to: number }

/** A block as a request names it. */
export type BlockRef =
  | { kind: 'number'; number: number }
  | { kind: 'head' }
  | { kind: 'tag'; tag: string }
  | { kind: 'hash' }
  | { kind: 'unreadable' }

const hash: BlockRef = { kind: 'hash' }
const unreadable: BlockRef = { kind: 'unreadable' }

const tags: ReadonlyMap<string, BlockRef> = new Map<string, BlockRef>([
  ['latest', { kind: 'head' }],
  ['pending', { kind: 'head' }],
  // Some nodes read an empty text as `latest`.
  ['', { kind: 'head' }],
  ['safe', { kind: 'tag', tag: 'safe' }],
  ['finalized', { kind: 'tag', tag: 'finalized' }],
  // As a number, for it is one: nodes that keep old state are asked.
  ['earliest', { kind: 'number', number: 0 }],
])

/** A number, a tag, a hash, or the object of EIP-1898 that names one of them. */
export function parseBlockRef(value: unknown): BlockRef {
  if (value === undefined || value === null) return { kind: 'head' }
  if (typeof value === 'string' && value.length === hashLength) return hash
  if (!isObject(value)) return boundOf(value)
  if (typeof value.blockHash === 'string') return hash
  return boundOf(value.blockNumber)
}

/** Length of a 32-byte hash in hex, with its prefix. */
const hashLength = 66

/** A number or a tag. Some nodes take decimals, JSON numbers and tags in capitals, so those count too. */
function boundOf(value: unknown): BlockRef {
  const number = parseNumber(value)
  if (number !== undefined) return { kind: 'number', number }
  const tag = typeof value === 'string' ? tags.get(value.toLowerCase()) : undefined
  return tag ?? unreadable
}

/** A number past 2^53 counts as the largest safe one, so that no notation escapes a limit on ranges. */
function parseNumber(value: unknown): number | undefined {
  const isNumber =
    typeof value === 'number'
      ? Number.isInteger(value) && value >= 0
      : typeof value === 'string' && /^(0x[0-9a-f]{1,64}|[0-9]{1,78})$/i.test(value)
  return isNumber ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : undefined
}

/** Both ends of a filter; one that names its block by hash has that at either end. */
function boundsOf(filter: unknown, { fromDefault }: FilterPlace): { from: BlockRef; to: BlockRef } {
  if (!isObject(filter)) return { from: unreadable, to: unreadable }
  if ((filter.blockHash ?? null) !== null) return { from: hash, to: hash }
  return {
    from: boundOf(filter.fromBlock ?? fromDefault),
    to: boundOf(filter.toBlock ?? 'latest'),
  }
}

type FilterPlace = Extract<BlockPlace, { kind: 'filter' }>

function needOf(ref: BlockRef): BlockNeed {
  if (ref.kind === 'number') return { kind: 'range', from: ref.number, to: ref.number }
  return ref.kind === 'unreadable' ? { kind: 'none' } : ref
}

function numberOf(ref: BlockRef, headBlock: number): number | undefined {
  if (ref.kind === 'number') return ref.number
  if (ref.kind === 'hash' || ref.kind === 'unreadable') return undefined
  return headBlock
}

/** Nodes refuse a range that runs backwards; measured the other way round it escapes no limit. */
function ordered(one: number, other: number): Range {
  return { from: Math.min(one, other), to: Math.max(one, other) }
}

function resolveRef(given: unknown, tags: BlockTags): unknown {
  if (!isObject(given)) return resolveTag(given, tags)
  const blockNumber = resolveTag(given.blockNumber, tags)
  return blockNumber === given.blockNumber ? given : { ...given, blockNumber }
}

/** Ends that are left out are filled in, as `latest` is what they mean. */
function resolveBounds(given: unknown, fromDefault: string, tags: BlockTags): unknown {
  if (!isObject(given) || (given.blockHash ?? null) !== null) return given
  const from = given.fromBlock ?? fromDefault
  const to = given.toBlock ?? 'latest'
  const [fromBlock, toBlock] = [resolveTag(from, tags), resolveTag(to, tags)]
  return fromBlock === from && toBlock === to ? given : { ...given, fromBlock, toBlock }
}

/** Only as the standard spells them: what a node reads into another spelling is the node's to say. */
function resolveTag(given: unknown, tags: BlockTags): unknown {
  if (given !== 'latest' && given !== 'safe' && given !== 'finalized') return given
  const block = tags[given]
  return block === undefined ? given : encodeQuantity(block)
}

function isList(params: RpcRequest['params']): params is readonly unknown[] {
  return Array.isArray(params)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
