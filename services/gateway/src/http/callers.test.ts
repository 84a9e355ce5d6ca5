import { describe, expect, test } from 'bun:test'
import type { AgreementInForce } from '../access/agreements.ts'
import type { Grant } from '../access/grant.ts'
import { configSchema } from '../config.ts'
import { createCallers } from './callers.ts'

const config = configSchema.parse({
  tiers: { enterprise: { pools: ['gold'] } },
  chains: { local_one: { upstreams: [{ provider: 'a', name: 'b', url: 'http://localhost:1' }] } },
})
const account = `eip155:1:0x${'aa'.repeat(20)}`

function grantOf(name: string): Grant {
  const claims = { sub: account } as Grant['token']['claims']
  const token = { claims, kid: 'a' }
  const none = { standing: undefined, projectKey: undefined }
  return { account, name, token, ...none, checkedMs: 0, isVoid: false }
}

const agreement: AgreementInForce = {
  account,
  tier: 'enterprise',
  limits: { batchMax: 7 },
  pools: ['blue'],
  validFrom: 0,
  validUntil: 1,
  signature: '0x',
}

describe('the caller of a grant', () => {
  test('shares its budget with all other keys of the account', () => {
    const callers = createCallers(config)
    const one = callers.granted(grantOf('one'), undefined)
    const other = callers.granted(grantOf('other'), undefined)
    expect(one.bucketKey).toBe(other.bucketKey)
    expect([one.name, other.name]).toEqual(['one', 'other'])
  })

  test('is the same as long as its agreement is', () => {
    const callers = createCallers(config)
    const grant = grantOf('one')
    const before = callers.granted(grant, undefined)
    expect(callers.granted(grant, undefined)).toBe(before)
    const agreed = callers.granted(grant, agreement)
    expect(agreed.tier).toBe('enterprise')
    expect(agreed.limits).toMatchObject({
      batchMax: 7,
      logsRangeBlocksMax: config.tiers.enterprise.logsRangeBlocksMax,
      pools: ['gold', 'blue'],
    })
    expect(callers.granted(grant, undefined)).toMatchObject({ tier: 'premium' })
  })
})
