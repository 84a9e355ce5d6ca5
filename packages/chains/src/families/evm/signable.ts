import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { parseBlockNumber, parseQuantity } from '@mooring/protocol/quantity'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Signable, SignableBlock } from '../../family.ts'

/**
 * What a node's key may sign: answers about one block that is named, whose value has one ABI encoding. Everything else is
 * left out, for nobody could show that it was wrong.
 */
export function signableOf({ method, params }: RpcRequest): Signable | undefined {
  const rule = rules.get(method)
  if (rule === undefined || !Array.isArray(params)) return undefined
  const words: (string | undefined)[] = rule.words.map((word, at) => word(params[at]))
  if (words.some((word) => word === undefined)) return undefined
  const block = rule.blockOf(params[rule.blockAt])
  if (block === undefined) return undefined
  return { block, params: `0x${words.join('')}`, read: rule.read }
}

type Rule = {
  /** ABI words of the parameters that come first. */
  words: readonly ((value: unknown) => string | undefined)[]
  /** Where the block stands. */
  blockAt: number
  blockOf(value: unknown): SignableBlock | undefined
  read: Signable['read']
}

const ofAccount = { words: [addressWord], blockAt: 1, blockOf: stateBlockOf } as const

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['eth_getBalance', { ...ofAccount, read: valueBy(quantityWord) }],
  ['eth_getTransactionCount', { ...ofAccount, read: valueBy(quantityWord) }],
  // By its hash: a contract may not be able to hold the code.
  ['eth_getCode', { ...ofAccount, read: valueBy(codeHashWord) }],
  [
    'eth_getStorageAt',
    { words: [addressWord, slotWord], blockAt: 2, blockOf: stateBlockOf, read: valueBy(slotWord) },
  ],
  // Its value is the hash of the block, which says all else about it.
  [
    'eth_getBlockByNumber',
    { words: [quantityWord], blockAt: 0, blockOf: numberedBlock, read: blockHashOf },
  ],
])

function valueBy(word: (value: unknown) => string | undefined): Signable['read'] {
  return (result) => {
    const value = word(result)
    return value === undefined ? undefined : { value: `0x${value}`, blockHash: undefined }
  }
}

function blockHashOf(result: unknown): ReturnType<Signable['read']> {
  const hash = hashWord(Object(result).hash)
  return hash === undefined ? undefined : { value: `0x${hash}`, blockHash: `0x${hash}` }
}

/** By number, or as EIP-1898 names one by its hash; a tag names another block a moment later. */
function stateBlockOf(value: unknown): SignableBlock | undefined {
  const { blockHash, blockNumber } = Object(value) as Record<string, unknown>
  if (typeof value !== 'object') return numberedBlock(value)
  if (blockHash === undefined) return numberedBlock(blockNumber)
  const hash = hashWord(blockHash)
  return hash === undefined || blockNumber !== undefined
    ? undefined
    : { kind: 'hash', hash: `0x${hash}` }
}

function numberedBlock(value: unknown): SignableBlock | undefined {
  const number = parseBlockNumber(value)
  return number === undefined ? undefined : { kind: 'number', number }
}

function addressWord(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{40}$/i.test(value)) return undefined
  return value.slice(2).toLowerCase().padStart(64, '0')
}

function hashWord(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{64}$/i.test(value)) return undefined
  return value.slice(2).toLowerCase()
}

function quantityWord(value: unknown): string | undefined {
  return parseQuantity(value)?.toString(16).padStart(64, '0')
}

/** Nodes write slots as quantities and as whole words. */
function slotWord(value: unknown): string | undefined {
  return quantityWord(value)
}

function codeHashWord(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-f]{2})*$/i.test(value)) return undefined
  return bytesToHex(keccak_256(hexToBytes(value.slice(2))))
}
