import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { policyOf } from './methods.ts'

/**
 * Why a request's params cannot be served, in a sentence for its caller.
 *
 * Nodes differ in what they read into odd params, and a search that is measured in one way here and in
 * another there escapes the limits on its range. So a filter must say plainly which blocks it means; all
 * other params are left to the node.
 *
 * @see EIP-1474, section "eth_getLogs"; EIP-234 for `blockHash`
 */
export function problemOf({ method, params }: RpcRequest): string | undefined {
  const place = policyOf(method).block
  if (place.kind !== 'filter') return undefined
  const filter: unknown = Array.isArray(params) ? params[place.index] : undefined
  return isObject(filter)
    ? problemOfFilter(filter, place.takesHash)
    : '`params` must be an array whose first member is a filter object such as {"fromBlock": "0x1b4"}'
}

/** How a filter names blocks. */
const members = ['fromBlock', 'toBlock', 'blockHash'] as const
type Member = (typeof members)[number]

type Filter = Record<string, unknown>

const numberOrTag = /^(?:0x[0-9a-fA-F]{1,16}|latest|pending|safe|finalized|earliest)$/
const hash = /^0x[0-9a-fA-F]{64}$/

function problemOfFilter(filter: Filter, takesHash: boolean): string | undefined {
  const twin = twinOf(filter)
  if (twin !== undefined) return `\`${twin}\` must be written in exactly these letters`
  const { fromBlock, toBlock, blockHash } = filter
  if (!isLeftOut(blockHash)) {
    if (!takesHash) return '`blockHash` is not taken here: give `fromBlock` and `toBlock`'
    if (!matches(blockHash, hash)) return '`blockHash` must be 32 bytes of hex such as "0x5a…"'
    const beside = isLeftOut(fromBlock) && isLeftOut(toBlock)
    return beside ? undefined : '`blockHash` must not stand beside `fromBlock` or `toBlock`'
  }
  return problemOfEnd('fromBlock', fromBlock) ?? problemOfEnd('toBlock', toBlock)
}

function problemOfEnd(member: Member, value: unknown): string | undefined {
  if (isLeftOut(value) || matches(value, numberOrTag)) return undefined
  return `\`${member}\` must be a hex number such as "0x1b4" or a block tag such as "latest"`
}

/** The member that stands in the filter under a name some nodes take for its own. */
function twinOf(filter: Filter): Member | undefined {
  for (const name of Object.keys(filter)) {
    const twin = twins.get(folded(name))
    if (twin !== undefined && twin !== name) return twin
  }
  return undefined
}

/** Nodes written in Go match names in any case, the Kelvin sign for a k and the long s for an s too. */
function folded(name: string): string {
  return name.toLowerCase().toUpperCase()
}

const twins: ReadonlyMap<string, Member> = new Map(members.map((name) => [folded(name), name]))

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function isObject(value: unknown): value is Filter {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
