import { createHash } from 'node:crypto'
import { MarketError } from '@mooring/protocol/market-error'
import type { GatewayConfig } from '../config.ts'
import type { Caller } from '../exchange.ts'
import type { RequestHeaders } from './request-head.ts'

/** Addresses remembered at once: what is made for one is made once, and all is forgotten together. */
const addressesMax = 10_000

/** Tells who is calling from the key in the path or the headers. */
export type Callers = {
  /** The caller without a key. */
  community(clientKey: string): Caller
  /** Throws UNAUTHENTICATED for a key nobody has. */
  withKey(key: string): Caller
}

export function createCallers({ keys, tiers }: Pick<GatewayConfig, 'keys' | 'tiers'>): Callers {
  // By digest: how long a look-up takes says nothing about how much of a guessed key is right.
  const byDigest = new Map(
    keys.map(({ key, name, tier }): [string, Caller] => [
      digestOf(key),
      { tier, limits: tiers[tier], name, bucketKey: `key ${name}`, chainKeys: new Map() },
    ]),
  )
  const { community } = tiers
  const addresses = new Map<string, Caller>()
  return {
    community(clientKey) {
      const known = addresses.get(clientKey)
      if (known !== undefined) return known
      const bucketKey = `address ${clientKey}`
      const caller: Caller = {
        tier: 'community',
        limits: community,
        name: 'community',
        bucketKey,
        chainKeys: new Map(),
      }
      if (addresses.size >= addressesMax) addresses.clear()
      addresses.set(clientKey, caller)
      return caller
    },
    withKey(key) {
      const caller = byDigest.get(digestOf(key))
      if (caller !== undefined) return caller
      const message =
        'the API key is unknown: check it, or leave it out to use the community endpoint'
      throw new MarketError('UNAUTHENTICATED', message)
    },
  }
}

/** A key in the path goes before one in the headers. */
export function keyOf(pathKey: string | undefined, headers: RequestHeaders): string | undefined {
  if (pathKey !== undefined) return pathKey
  const authorization = headers.get('authorization')
  const bearer = authorization === undefined ? null : /^Bearer +(\S+)$/i.exec(authorization)
  return bearer?.[1] ?? headers.get('x-api-key')
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64')
}
