import type { KeyRestrictions } from '@mooring/protocol/access/key-record'
import { MarketError } from '@mooring/protocol/market-error'
import ipaddr from 'ipaddr.js'

/**
 * What the owner of a key allows it for, ready to be asked. A list that is empty allows everything; an entry that
 * cannot be read allows nothing.
 */
export type Restrictions = {
  origins: readonly string[]
  addresses: readonly string[]
  /** Undefined where every contract is allowed. */
  contracts: ReadonlySet<string> | undefined
  methods: readonly string[]
  chains: readonly string[]
}

/** From where, and for which chain, a request comes. */
export type Arriving = { origin: string | undefined; address: string; chain: string }

/** @returns Undefined where everything is allowed, so that nothing has to be asked for. */
export function restrictionsOf(lists: KeyRestrictions): Restrictions | undefined {
  const { origins, addresses, contracts, methods, chains } = lists
  if ([origins, addresses, contracts, methods, chains].every(({ length }) => length === 0)) {
    return undefined
  }
  const named = contracts.map((contract) => contract.toLowerCase())
  return {
    origins: origins.map((origin) => origin.toLowerCase()),
    addresses,
    contracts: named.length === 0 ? undefined : new Set(named),
    methods,
    chains,
  }
}

/** Throws KEY_RESTRICTED for what can be told before the body is read. */
export function assertMayArrive(restrictions: Restrictions, arriving: Arriving): void {
  const { origins, addresses, chains } = restrictions
  if (!isAnyOf(origins, (entry) => isOrigin(entry, arriving.origin))) throw restricted('origin')
  if (!isAnyOf(addresses, (entry) => isWithin(entry, arriving.address))) throw restricted('address')
  if (!isAnyOf(chains, (entry) => entry === arriving.chain)) throw restricted('chain')
}

export function allowsMethod({ methods }: Restrictions, method: string): boolean {
  return isAnyOf(methods, (entry) =>
    entry.endsWith('*') ? method.startsWith(entry.slice(0, -1)) : entry === method,
  )
}

/** Which kind of list stands against it, and never what is on the list. */
export function restricted(kind: 'origin' | 'address' | 'contract' | 'method' | 'chain') {
  const message = `the key is kept to some ${plurals[kind]}, and this ${kind} is not among them: ask its owner`
  return new MarketError('KEY_RESTRICTED', message, { details: { restriction: kind } })
}

const plurals = {
  origin: 'origins',
  address: 'addresses',
  contract: 'contracts',
  method: 'methods',
  chain: 'chains',
} as const

function isAnyOf(list: readonly string[], fits: (entry: string) => boolean): boolean {
  return list.length === 0 || list.some(fits)
}

/** `*.example.org` stands for every host below it, and not for itself. */
function isOrigin(entry: string, origin: string | undefined): boolean {
  const host = origin === undefined ? undefined : originHost.exec(origin.toLowerCase())?.[1]
  if (host === undefined) return false
  return entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry
}

/** Scheme and port do not count. @see RFC 6454, section 7 */
const originHost = /^[a-z][a-z0-9+.-]*:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

function isWithin(entry: string, address: string): boolean {
  try {
    const given = ipaddr.process(address)
    const [network, bits] = blockOf(entry)
    return given.kind() === network.kind() && given.match(network, bits)
  } catch {
    return false
  }
}

function blockOf(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (entry.includes('/')) return ipaddr.parseCIDR(entry)
  const network = ipaddr.process(entry)
  return [network, network.kind() === 'ipv4' ? 32 : 128]
}
