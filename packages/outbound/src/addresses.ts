import ipaddr from 'ipaddr.js'

/** `public`: on the internet. `local`: this machine or a private network. `neither`: what nobody is to be reached at. */
export type Reach = 'public' | 'local' | 'neither'

/** Networks that somebody may have for itself. Neighbours on the link are not among them: clouds answer there with secrets. */
const localRanges: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'uniqueLocal',
  'carrierGradeNat',
])
/** The only part of IPv6 that is given out for the internet; what embeds an IPv4 address outside it is a way round. */
const internet = ipaddr.parseCIDR('2000::/3')

/** An IPv4 address that is mapped into an IPv6 one counts as what it is inside; any other that is embedded reaches nobody. */
export function reachOf(address: string): Reach {
  if (!ipaddr.isValid(address)) return 'neither'
  const parsed = ipaddr.process(address)
  const range = parsed.range()
  if (localRanges.has(range)) return 'local'
  if (range !== 'unicast') return 'neither'
  return parsed.kind() === 'ipv6' && !parsed.match(internet) ? 'neither' : 'public'
}

export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
