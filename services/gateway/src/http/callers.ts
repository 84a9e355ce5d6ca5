import { createHash } from 'node:crypto'
import type { AgreementInForce } from '../access/agreements.ts'
import type { Grant } from '../access/grant.ts'
import type { GatewayConfig } from '../config.ts'
import type { Caller } from '../exchange.ts'
import { createPayer } from '../meter/payer.ts'

/** Addresses remembered at once: what is made for one is made once, and all is forgotten together. */
const addressesMax = 10_000

/** Makes callers of keys, grants and addresses, by the tiers of one configuration. */
export type Callers = {
  /** The caller without a key. */
  community(clientKey: string): Caller
  /** The caller with a key of the configuration; undefined for any other. */
  withKey(key: string): Caller | undefined
  /** The same for the same grant, for as long as its agreement is. */
  granted(grant: Grant, agreement: AgreementInForce | undefined): Caller
}

export function createCallers({ keys, tiers }: Pick<GatewayConfig, 'keys' | 'tiers'>): Callers {
  // By digest: how long a look-up takes says nothing about how much of a guessed key is right.
  const byDigest = new Map(
    keys.map(({ key, name, tier }): [string, Caller] => [
      digestOf(key),
      createCaller({
        tier,
        limits: tiers[tier],
        name,
        bucketKey: `key ${name}`,
        payer: createPayer({ account: null, key: name, ownPurse: false }),
      }),
    ]),
  )
  const { community } = tiers
  const payer = createPayer({ account: null, key: '', ownPurse: false })
  const addresses = new Map<string, Caller>()
  const byGrant = new WeakMap<Grant, Granted>()
  return {
    community(clientKey) {
      const known = addresses.get(clientKey)
      if (known !== undefined) return known
      const bucketKey = `address ${clientKey}`
      const name = 'community'
      const caller = createCaller({ tier: 'community', limits: community, name, bucketKey, payer })
      if (addresses.size >= addressesMax) addresses.clear()
      addresses.set(clientKey, caller)
      return caller
    },
    withKey: (key) => (byDigest.size === 0 ? undefined : byDigest.get(digestOf(key))),
    granted(grant, agreement) {
      const known = byGrant.get(grant)
      if (known !== undefined && known.agreement === agreement) return known.caller
      const caller = callerOf(grant, agreement, tiers)
      byGrant.set(grant, { caller, agreement })
      return caller
    },
  }
}

type Granted = { caller: Caller; agreement: AgreementInForce | undefined }

/** All keys and tokens of an account share its limits: more keys give no more requests. */
function callerOf(
  { account, name, projectKey }: Grant,
  agreement: AgreementInForce | undefined,
  tiers: GatewayConfig['tiers'],
): Caller {
  const bucketKey = `account ${account}`
  const restrictions = projectKey?.restrictions
  const key = projectKey?.id ?? ''
  const payer = createPayer({ account, key, ownPurse: projectKey?.hasDayLimit === true })
  const own = { name, bucketKey, restrictions, payer }
  if (agreement === undefined) {
    return createCaller({ tier: 'premium', limits: tiers.premium, ...own })
  }
  const { tier, limits: agreed, pools } = agreement
  const given = tiers[tier]
  const limits = { ...given, ...agreed, pools: [...given.pools, ...pools] }
  return createCaller({ tier, limits, ...own })
}

/** With the same members for everybody: the paths of all requests read them. */
function createCaller({
  tier,
  limits,
  name,
  bucketKey,
  restrictions,
  payer,
}: Pick<Caller, 'tier' | 'limits' | 'name' | 'bucketKey' | 'payer'> & Partial<Caller>): Caller {
  return { tier, limits, name, bucketKey, chainKeys: new Map(), restrictions, payer }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64')
}
