import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isLoopback, reachOf } from './addresses.ts'
import { onlySecurePort } from './ports.ts'

/** A place outside that something is sent to: where it is was asked once, and the answer was checked. */
export type Target = {
  url: URL
  /** What to connect to; asking for the name again could give another one. */
  address: string
}

export type TargetRules = {
  /**
   * What may be reached besides the public internet, without TLS and at any port too. `loopback`: this machine, to try
   * things out. `local`: private networks as well.
   */
  besides: 'nothing' | 'loopback' | 'local'
  /** At which ports of the public internet; 443 alone by default. */
  mayUsePort?: ((port: number) => boolean) | undefined
  resolve?: Resolve | undefined
}

/** Asks for all addresses of a name. */
export type Resolve = (host: string) => Promise<string[]>

/** `problem`: a clause about what was named, such as `it is no URL`; it holds no address. */
export type TargetResult = { ok: true; target: Target } | { ok: false; problem: string }

const resolveTimeoutMs = 5_000

/**
 * Finds out where something is that a stranger has named, and refuses what is inside: this machine, private networks,
 * neighbours on the link, the metadata service of a cloud, in any form a URL can have and whatever a name says.
 */
export async function findTarget(text: string, rules: TargetRules): Promise<TargetResult> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return no('it is no URL')
  if (url.username !== '' || url.password !== '') return no('it names a user or a password')
  const host = hostOf(url)
  const addresses = isIP(host) === 0 ? await addressesOf(host, rules.resolve) : [host]
  const [address] = addresses
  if (address === undefined) return no('its host has no address')
  // Each of them: which one is connected to must not be a matter of luck.
  const isBeside = addresses.every((one) => isAllowedBeside(one, rules.besides))
  if (isBeside && /^https?:$/.test(url.protocol)) return { ok: true, target: { url, address } }
  if (url.protocol !== 'https:') return no('it does not begin with https://')
  const mayUsePort = rules.mayUsePort ?? onlySecurePort
  if (!mayUsePort(portOf(url))) return no('its port is not one that may be used')
  if (!addresses.every((one) => reachOf(one) === 'public')) {
    return no('its host is not on the public internet')
  }
  return { ok: true, target: { url, address } }
}

/** A place that the operator has chosen. */
export async function trustedTarget(text: string): Promise<Target | undefined> {
  const url = new URL(text)
  const [address] = await addressesOf(hostOf(url))
  return address === undefined ? undefined : { url, address }
}

/** A URL writes an IPv6 address in brackets; who connects wants it bare. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function isAllowedBeside(address: string, besides: TargetRules['besides']): boolean {
  if (besides === 'nothing') return false
  return besides === 'loopback' ? isLoopback(address) : reachOf(address) === 'local'
}

async function addressesOf(host: string, resolve: Resolve = resolveHost): Promise<string[]> {
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

function no(problem: string): TargetResult {
  return { ok: false, problem }
}
