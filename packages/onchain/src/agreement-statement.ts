import { type Address, type Hex, recoverTypedDataAddress } from 'viem'

/**
 * What an operator grants an account beyond what everybody of its tier has. Signed by a key of the operator's, so that
 * whoever can write files at a gateway, or into a database, cannot grant anything.
 */
export type Agreement = {
  /** As CAIP-10. */
  account: string
  tier: 'enterprise'
  /** By the names of the limits in the gateway's configuration. */
  limits: Readonly<Record<string, number | boolean>>
  /** Pools of upstreams that are the account's beside the common one. */
  pools: readonly string[]
  /** Seconds since 1970; the last one is out. */
  validFrom: number
  validUntil: number
}

export type SignedAgreement = Agreement & { signature: Hex }

/** As EIP-712 typed data, bound to one deployment. Limits are JSON without spaces, their names in order. */
export function agreementData(
  { chainId, ankrEscrow }: { chainId: number; ankrEscrow: Address },
  { account, tier, limits, pools, validFrom, validUntil }: Agreement,
) {
  const names = Object.keys(limits).sort()
  return {
    domain: { name: 'MooringAccess', version: '1', chainId, verifyingContract: ankrEscrow },
    types: {
      Agreement: [
        { name: 'account', type: 'string' },
        { name: 'tier', type: 'string' },
        { name: 'limits', type: 'string' },
        { name: 'pools', type: 'string[]' },
        { name: 'validFrom', type: 'uint64' },
        { name: 'validUntil', type: 'uint64' },
      ],
    },
    primaryType: 'Agreement',
    message: {
      account,
      tier,
      limits: JSON.stringify(Object.fromEntries(names.map((name) => [name, limits[name]]))),
      pools: [...pools],
      validFrom: BigInt(validFrom),
      validUntil: BigInt(validUntil),
    },
  } as const
}

/** Whether one of the operators has signed exactly this. */
export async function isSignedByOperator(
  domain: { chainId: number; ankrEscrow: Address },
  operators: readonly Address[],
  { signature, ...agreement }: SignedAgreement,
): Promise<boolean> {
  try {
    const data = agreementData(domain, agreement)
    const signer = (await recoverTypedDataAddress({ ...data, signature })).toLowerCase()
    return operators.some((operator) => operator.toLowerCase() === signer)
  } catch {
    return false
  }
}
