import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A place outside that something is sent to: where it is was asked once, and the answer was checked. */
export type Target = {
  url: URL
  /** What to connect to; asking for the name again could give another one. */
  address: string
}

export type TargetRules = {
  /** For trying things out: this machine, without TLS, at any port. */
  allowLoopback: boolean
  /** Asks for all addresses of a name. */
  resolve?: ((host: string) => Promise<string[]>) | undefined
}

export type TargetResult = { ok: true; target: Target } | { ok: false; problem: string }

/** With the one port, nobody can have other services of a host spoken to. */
const securePort = '443'
const resolveTimeoutMs = 5_000

/**
 * Finds out where a webhook is, and refuses what is inside: this machine, private networks, neighbours on the link, the
 * metadata service of a cloud, in any form a URL can have and whatever a name says.
 */
export async function findTarget(text: string, rules: TargetRules): Promise<TargetResult> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return no('it is no URL')
  if (url.username !== '' || url.password !== '') return no('it names a user or a password')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await addressesOf(host, rules) : [host]
  const [address] = addresses
  if (address === undefined) return no('its host has no address')
  const isLoopback = addresses.every((one) => rangeOf(one) === 'loopback')
  if (isLoopback && rules.allowLoopback && /^https?:$/.test(url.protocol)) {
    return { ok: true, target: { url, address } }
  }
  if (url.protocol !== 'https:') return no('it does not begin with https://')
  if ((url.port || securePort) !== securePort) return no(`its port is not ${securePort}`)
  // Each of them: which one is connected to must not be a matter of luck.
  if (!addresses.every((one) => rangeOf(one) === 'unicast')) {
    return no('its host is not on the public internet')
  }
  return { ok: true, target: { url, address } }
}

/** A place that the operator has chosen. */
export async function trustedTarget(text: string): Promise<Target | undefined> {
  const url = new URL(text)
  const [address] = await addressesOf(url.hostname.replace(/^\[|\]$/g, ''), { allowLoopback: true })
  return address === undefined ? undefined : { url, address }
}

async function addressesOf(
  host: string,
  { resolve = resolveHost }: TargetRules,
): Promise<string[]> {
  try {
    return await resolve(host)
  } catch {
    return []
  }
}

async function resolveHost(host: string): Promise<string[]> {
  const timeout = AbortSignal.timeout(resolveTimeoutMs)
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () => reject(timeout.reason))
  })
  return (await Promise.race([lookup(host, { all: true }), late])).map(({ address }) => address)
}

/** `unicast` is what is public. An IPv4 address inside an IPv6 one counts as what it is inside. */
function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'none'
}

function no(problem: string): TargetResult {
  return { ok: false, problem }
}
