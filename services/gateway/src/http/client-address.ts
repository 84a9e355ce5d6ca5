import ipaddr from 'ipaddr.js'

/**
 * What a community rate limit is kept for: the client's IPv4 address, or its /64 for IPv6, as one
 * household owns a whole /64.
 *
 * @param peer - Address of the connection.
 * @param forwardedFor - `X-Forwarded-For` as received; anyone can write one.
 * @param trustedHops - Proxies of the operator's in front: the last that many entries were written by them.
 */
export function clientKeyOf(
  peer: string,
  forwardedFor: string | null,
  trustedHops: number,
): string {
  if (trustedHops === 0 || forwardedFor === null) return networkOf(peer) ?? peer
  const entries = forwardedFor.split(',')
  const entry = entries[Math.max(0, entries.length - trustedHops)] ?? peer
  return networkOf(entry.trim()) ?? networkOf(peer) ?? peer
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
