import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { encodeQuantity } from '@mooring/protocol/quantity'
import type { LogSearch } from '../../family.ts'
import { parseBlockRef } from './blocks.ts'
import { type EvmMethod, policyOf } from './methods.ts'

/**
 * A text that is the same for requests that mean the same: hex in either case, quantities with leading
 * zeros, members in any order or left out, one address or a list of one.
 *
 * Two notations that only may mean the same keep texts of their own. That costs a hit; the other way
 * round would cost a wrong answer.
 *
 * @returns Undefined for a request whose answer nobody may keep: it names what is pending, or a block in
 *   a way that is not read here, or its params are not a list.
 */
export function cacheKeyOf({ method, params }: RpcRequest): string | undefined {
  if (!Array.isArray(params)) return undefined
  const row = policyOf(method)
  let count = params.length
  while (count > 0 && (params[count - 1] ?? null) === null) count--
  // Every read comes through here, so no lists are made to be joined.
  let texts = ''
  for (let at = 0; at < count; at++) {
    const text = textOf(params[at], at, row)
    if (text === undefined) return undefined
    texts += at === 0 ? text : `,${text}`
  }
  return `${method}(${texts})`
}

/** The range and the rest of a search whose answer is the sum of the answers for its parts. */
export function logSearchOf(request: RpcRequest): LogSearch | undefined {
  const { method, params } = request
  const [filter] = Array.isArray(params) ? params : []
  if (method !== 'eth_getLogs' || !isObject(filter) || (filter.blockHash ?? null) !== null) {
    return undefined
  }
  const { fromBlock, toBlock, ...rest } = filter
  const [from, to] = [parseBlockRef(fromBlock), parseBlockRef(toBlock)]
  if (from.kind !== 'number' || to.kind !== 'number' || from.number > to.number) return undefined
  return {
    from: from.number,
    to: to.number,
    key: `${method}(${filterText(rest)})`,
    over: (fromNumber, toNumber) => ({
      ...request,
      params: [
        { ...rest, fromBlock: encodeQuantity(fromNumber), toBlock: encodeQuantity(toNumber) },
      ],
    }),
  }
}

function textOf(param: unknown, at: number, { block, slotIndex }: EvmMethod): string | undefined {
  if (at === slotIndex) return quantityText(param)
  const isBlock = 'index' in block && at === block.index
  if (!isBlock) return canonicalText(param)
  if (block.kind === 'at') return blockText(param)
  if (!isObject(param)) return undefined
  const { fromBlock, toBlock, blockHash, ...rest } = param
  if ((blockHash ?? null) !== null) return `${filterText(rest)}@${canonicalText(blockHash)}`
  const ends = [blockText(fromBlock), blockText(toBlock)]
  return ends.includes(undefined) ? undefined : `${filterText(rest)}@${ends.join('-')}`
}

/** What an object that names a block may hold: with anything else it says more than the block. */
const blockMembers: ReadonlySet<string> = new Set(['blockNumber', 'blockHash', 'requireCanonical'])

/** A block by number or hash. What a tag stands for changes, so it has no text. */
function blockText(value: unknown): string | undefined {
  if (isObject(value)) {
    if (value.requireCanonical === true) return undefined
    if (!Object.keys(value).every((name) => blockMembers.has(name))) return undefined
  }
  const ref = parseBlockRef(value)
  if (ref.kind === 'number') return String(ref.number)
  if (ref.kind !== 'hash') return undefined
  return canonicalText(isObject(value) ? value.blockHash : value)
}

/**
 * Addresses and alternatives of a topic in any order. How many places topics have stays, though the last
 * ones match anything: a log with fewer topics than that does not match.
 */
function filterText(filter: Record<string, unknown>): string {
  const { address, topics, ...rest } = filter
  const list = Array.isArray(topics) ? topics : []
  const places = list.map((topic) => alternativesText(topic))
  return `${alternativesText(address)};${places.join()};${canonicalText(rest)}`
}

function matchesAnything(topic: unknown): boolean {
  return topic === undefined || topic === null || (Array.isArray(topic) && topic.length === 0)
}

function alternativesText(value: unknown): string {
  if (matchesAnything(value)) return '*'
  const texts = Array.isArray(value) ? value.map(canonicalText) : [canonicalText(value)]
  return [...new Set(texts)].sort().join('|')
}

/** Members that hold a quantity, wherever an object has one of these names. */
const quantityMembers: ReadonlySet<string> = new Set([
  'gas',
  'gasPrice',
  'maxFeePerBlobGas',
  'maxFeePerGas',
  'maxPriorityFeePerGas',
  'nonce',
  'value',
])

function canonicalText(value: unknown): string {
  // Hex has nothing that a string of JSON must escape.
  if (typeof value === 'string') {
    return isHex(value) ? `"${value.toLowerCase()}"` : JSON.stringify(value)
  }
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const members = Object.keys(value)
    .filter((name) => (value[name] ?? null) !== null)
    .sort()
    .map((name) => {
      const text = quantityMembers.has(name)
        ? quantityText(value[name])
        : canonicalText(value[name])
      // Names may be addresses, as those of state overrides are.
      return `${JSON.stringify(isHex(name) ? name.toLowerCase() : name)}:${text}`
    })
  return `{${members.join()}}`
}

function quantityText(value: unknown): string {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) return canonicalText(value)
  const digits = value
    .slice(2)
    .toLowerCase()
    .replace(/^0+(?=.)/, '')
  return `"0x${digits}"`
}

function isHex(text: string): boolean {
  return /^0x[0-9a-f]*$/i.test(text)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
