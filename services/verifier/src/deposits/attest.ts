import { type AccessDomain, attestationData } from '@mooring/onchain/access-statements'
import type { DepositFacts, SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import type { LocalAccount } from 'viem'
import { lowerCase } from '../chain/lower-case.ts'

/** Signs by name what a verifier found a deposit to be. */
export async function attest(
  account: LocalAccount,
  domain: AccessDomain,
  facts: DepositFacts,
): Promise<SignedAttestation> {
  const signature = await account.signTypedData(attestationData(domain, facts))
  return { ...facts, verifier: lowerCase(account.address), signature }
}
