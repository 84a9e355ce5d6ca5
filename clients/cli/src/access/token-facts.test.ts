import { expect, test } from 'bun:test'
import type { AccessClaims } from '@mooring/protocol/access/claims'
import { formatToken, signingInputOf } from '@mooring/protocol/access/token'
import type { HeldToken, KeyFile } from './key-file.ts'
import { commitmentOf, createAccessMaterial } from './key-material.ts'
import { tokenFacts } from './token-facts.ts'

const account = `eip155:1:0x${'aa'.repeat(20)}`
const claims: AccessClaims = {
  ...{ iss: `mooring:${account}`, aud: 'mooring-gateway', sub: account, jti: 'j'.repeat(43) },
  ...{ iat: 1_800_000_000, exp: 1_800_007_200, tier: 'premium', stage: 'capped', cap: '5500000' },
  ...{ dep: `eip155:1/0x${'de'.repeat(32)}/0`, epoch: 0, att: 'A'.repeat(43) },
}

/** What is told of the stage of a token that somebody has. */
function stageOf(paidIn: HeldToken['paidIn']): string | undefined {
  const raw = formatToken(signingInputOf('k'.repeat(43), claims), new Uint8Array(64))
  const material = createAccessMaterial()
  const key: KeyFile = {
    ...{ name: 'mine', createdAt: 1, material, commitment: commitmentOf(material) },
    token: { raw, transactionHash: `0x${'de'.repeat(32)}`, paidIn },
  }
  return new Map(tokenFacts(key)).get('stage')
}

test.each<[HeldToken['paidIn'], string]>([
  [{ asset: 'usd', decimals: 6 }, 'capped at 5.5 USD until the deposit is final'],
  [{ asset: 'usd', decimals: 2 }, 'capped at 55,000 USD until the deposit is final'],
  [{ asset: 'ankr', decimals: 18 }, 'capped at 0.0000000000055 ANKR until the deposit is final'],
  [undefined, 'capped at 5500000 base units until the deposit is final'],
])('the cap of a token paid in %p reads %p', (paidIn, says) => {
  expect(stageOf(paidIn)).toBe(says)
})
