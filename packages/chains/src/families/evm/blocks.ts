import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { encodeQuantity } from '@mooring/protocol/quantity'
import type { BlockNeed } from '../../family.ts'
import { type BlockPlace, policyOf } from './methods.ts'

/** Which blocks a request needs. What cannot be read needs nothing in particular: the node says why. */
export function blockNeedOf({ method, params }: RpcRequest): BlockNeed {
  const place = policyOf(method).block
  if (!('index' in place)) return place
  if (!isList(params)) return { kind: 'none' }
  if (place.kind === 'at') return needOf(refOf(params[place.index]))
  const { from, to } = boundsOf(params[place.index], place)
  if (from.kind === 'unreadable' || to.kind === 'unreadable') return { kind: 'none' }
  // A fresh node comes before all else here; once tags are resolved, both ends are numbers.
  if (from.kind === 'head' || to.kind === 'head') return { kind: 'head' }
  return from.kind === 'number' && to.kind === 'number'
    ? { kind: 'range', ...ordered(from.number, to.number) }
    : needOf(from.kind === 'number' ? to : from)
}

/**
 * The same request with `latest` replaced by the head, where the method's row asks for it.
 *
 * @param headBlock - Head the request is routed with, in blocks.
 * @returns The request itself when nothing changes.
 */
export function resolveTags(request: RpcRequest, headBlock: number): RpcRequest {
  const { block: place, resolvesLatest } = policyOf(request.method)
  const { params } = request
  if (!resolvesLatest || !('index' in place) || !isList(params)) return request
  const given = params[place.index]
  const head = encodeQuantity(headBlock)
  const resolved =
    place.kind === 'at' ? resolveRef(given, head) : resolveBounds(given, place.fromDefault, head)
  return resolved === given ? request : { ...request, params: params.with(place.index, resolved) }
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
type BlockRef =
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
  ['earliest', { kind: 'tag', tag: 'earliest' }],
])

/** A number, a tag, a hash, or the object of EIP-1898 that names one of them. */
function refOf(value: unknown): BlockRef {
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
  return ref.kind === 'tag' && ref.tag === 'earliest' ? 0 : headBlock
}

/** Nodes refuse a range that runs backwards; measured the other way round it escapes no limit. */
function ordered(one: number, other: number): Range {
  return { from: Math.min(one, other), to: Math.max(one, other) }
}

function resolveRef(given: unknown, head: string): unknown {
  if (given === 'latest') return head
  return isObject(given) && given.blockNumber === 'latest' ? { ...given, blockNumber: head } : given
}

/** Ends that are left out are filled in, as `latest` is what they mean. */
function resolveBounds(given: unknown, fromDefault: string, head: string): unknown {
  if (!isObject(given) || (given.blockHash ?? null) !== null) return given
  const from = given.fromBlock ?? fromDefault
  const to = given.toBlock ?? 'latest'
  if (from !== 'latest' && to !== 'latest') return given
  const resolve = (bound: unknown) => (bound === 'latest' ? head : bound)
  return { ...given, fromBlock: resolve(from), toBlock: resolve(to) }
}

function isList(params: RpcRequest['params']): params is readonly unknown[] {
  return Array.isArray(params)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
