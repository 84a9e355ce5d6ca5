import ipaddr from 'ipaddr.js'

/** Addresses read lately: most requests come from few, and reading one costs as much as routing it. */
const readMax = 10_000
/** The longest text form of an IPv6 address, with a mapped IPv4 one and a zone. */
const addressLengthMax = 64

/** Tells who a rate limit is kept for, and remembers what it read. */
export class ClientKeys {
  readonly #read = new Map<string, string | undefined>()

  /**
   * The client's IPv4 address, or its /64 for IPv6, as one household owns a whole /64.
   *
   * @param peer - Address of the connection.
   * @param forwardedFor - `X-Forwarded-For` as received; anyone can write one.
   * @param trustedHops - Proxies of the operator's in front: the last that many entries were written by them.
   */
  keyOf(peer: string, forwardedFor: string | undefined, trustedHops: number): string {
    if (trustedHops === 0 || forwardedFor === undefined) return this.#networkOf(peer) ?? peer
    const entry = entryOf(peer, forwardedFor, trustedHops)
    return this.#networkOf(entry) ?? this.#networkOf(peer) ?? peer
  }

  /** As `keyOf`, the address itself. What a proxy wrote that is none is given as it stands. */
  addressOf(peer: string, forwardedFor: string | undefined, trustedHops: number): string {
    if (trustedHops === 0 || forwardedFor === undefined) return peer
    return entryOf(peer, forwardedFor, trustedHops)
  }

  #networkOf(address: string): string | undefined {
    if (address.length > addressLengthMax) return undefined
    if (this.#read.has(address)) return this.#read.get(address)
    if (this.#read.size >= readMax) this.#read.clear()
    const network = networkOf(address)
    this.#read.set(address, network)
    return network
  }
}

/** Proxies add to the end, so the last that many were written by them. */
function entryOf(peer: string, forwardedFor: string, trustedHops: number): string {
  const entries = forwardedFor.split(',')
  return (entries[Math.max(0, entries.length - trustedHops)] ?? peer).trim()
}

function networkOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined
  const parsed = ipaddr.process(address)
  if (parsed instanceof ipaddr.IPv6) {
    const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16))
    return `${prefix.join(':')}::/64`
  }
  return parsed.toString()
}
