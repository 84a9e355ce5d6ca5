import ipaddr from 'ipaddr.js'

/**
 * What limits are kept for: the IPv4 address a request comes from, or its /64, since one household owns a whole one.
 *
 * @param peer - Address of the connection.
 * @param forwardedFor - `X-Forwarded-For` as received; anyone can write one.
 * @param trustedHops - Proxies of the operator's in front: the last that many entries were written by them.
 */
export function clientNetworkOf(
  peer: string,
  forwardedFor: string | undefined,
  trustedHops: number,
): string {
  const entries = trustedHops === 0 ? [] : (forwardedFor?.split(',') ?? [])
  const entry = entries[Math.max(0, entries.length - trustedHops)] ?? peer
  return networkOf(entry.trim()) ?? networkOf(peer) ?? peer
}

function networkOf(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${prefix.join(':')}::/64`
}
