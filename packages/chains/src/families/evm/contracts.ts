import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { ContractUse } from '../../family.ts'
import type { evmMethods } from './methods.ts'
import { targetOf } from './transactions.ts'

/**
 * Which contracts a request is about, for keys that are kept to some. What a contract then calls by itself is not seen.
 * A method without a row may be about any, and so may a request whose params cannot be read.
 */
export function contractsOf({ method, params }: RpcRequest): ContractUse {
  const place = places.get(method)
  if (place === undefined || !Array.isArray(params)) return place === nowhere ? none : any
  switch (place.kind) {
    case 'nowhere':
      return none
    case 'address':
      return named([params[place.index]])
    case 'call':
      // Overrides put other code where a contract stands.
      return params.slice(place.end).some(isGiven) ? any : named([memberOf(params[0], 'to')])
    case 'filter': {
      const address = memberOf(params[0], 'address')
      return named(Array.isArray(address) ? address : [address])
    }
    case 'transaction':
      return named([targetOf(params[0])])
  }
}

type ContractPlace =
  /** Blocks, transactions, fees, balances: of no contract in particular. */
  | { kind: 'nowhere' }
  /** The param is the address. */
  | { kind: 'address'; index: number }
  /** The first param is a call; from `end` on stand overrides. */
  | { kind: 'call'; end: number }
  /** The first param is a filter for logs. */
  | { kind: 'filter' }
  /** The first param is a signed transaction. */
  | { kind: 'transaction' }

const nowhere: ContractPlace = { kind: 'nowhere' }
const address: ContractPlace = { kind: 'address', index: 0 }
const call: ContractPlace = { kind: 'call', end: 2 }
const filter: ContractPlace = { kind: 'filter' }
const transaction: ContractPlace = { kind: 'transaction' }

const places: ReadonlyMap<string, ContractPlace> = new Map(
  Object.entries<ContractPlace>({
    eth_call: call,
    eth_estimateGas: call,
    eth_createAccessList: call,
    linea_estimateGas: call,

    eth_getCode: address,
    eth_getStorageAt: address,
    eth_getProof: address,

    eth_getLogs: filter,
    erigon_getLogs: filter,

    eth_sendRawTransaction: transaction,

    eth_accounts: nowhere,
    eth_blobBaseFee: nowhere,
    eth_blockNumber: nowhere,
    eth_chainId: nowhere,
    eth_feeHistory: nowhere,
    eth_gasPrice: nowhere,
    eth_getBalance: nowhere,
    eth_getBlockByHash: nowhere,
    eth_getBlockByNumber: nowhere,
    eth_getBlockTransactionCountByHash: nowhere,
    eth_getBlockTransactionCountByNumber: nowhere,
    eth_getTransactionByBlockHashAndIndex: nowhere,
    eth_getTransactionByBlockNumberAndIndex: nowhere,
    eth_getTransactionByHash: nowhere,
    eth_getTransactionCount: nowhere,
    eth_getTransactionReceipt: nowhere,
    eth_maxPriorityFeePerGas: nowhere,
    eth_syncing: nowhere,
    net_listening: nowhere,
    net_version: nowhere,
    web3_clientVersion: nowhere,
    web3_sha3: nowhere,
  } satisfies Partial<Record<keyof typeof evmMethods, ContractPlace>>),
)

const none: ContractUse = { kind: 'none' }
const any: ContractUse = { kind: 'any' }
const addressText = /^0x[0-9a-fA-F]{40}$/

/** A place that names nothing stands for every contract there is: a search of all logs, code that is run but not kept. */
function named(addresses: readonly unknown[]): ContractUse {
  const contracts: string[] = []
  for (const one of addresses) {
    if (typeof one !== 'string' || !addressText.test(one)) return any
    contracts.push(one.toLowerCase())
  }
  return contracts.length === 0 ? any : { kind: 'named', contracts }
}

/** @returns Undefined where another member has nearly the same name: nodes written in Go take it for the same. */
function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const members = Object.entries(value).filter(([given]) => folded(given) === folded(name))
  const [member] = members
  return members.length === 1 && member?.[0] === name ? member[1] : undefined
}

/** The long s and the Kelvin sign fold to letters of ours, too. */
function folded(name: string): string {
  return name.toLowerCase().toUpperCase()
}

function isGiven(param: unknown): boolean {
  return param !== undefined && param !== null
}
