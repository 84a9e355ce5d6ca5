import type { Account } from '@mooring/market/economy/ledger'
import type { Address, Hex, TypedDataDomain } from 'viem'
import { personWith } from './cast.ts'

const chainId = 31_337

/**
 * What the services and owners sign, by the name of the struct: written apart from `@mooring/onchain/signed`, so that
 * the contracts judge both.
 */
const types = {
  Consent: fields('address account,bytes32 keyCommitment,uint256 nonce,uint256 deadline'),
  ChargeRoot: fields('uint64 rootId,bytes32 root,bytes32 dataHash,uint64 periodEnd'),
  EpochRoots: fields(
    'uint64 epoch,uint64 attempt,bytes32 chargesRoot,bytes32 payoutsRoot,bytes32 performanceRoot,' +
      'bytes32 receiptsRoot,bytes32 tariffHash,bytes32 dataHash,uint128 payoutsTotal,uint128 withheldTotal',
  ),
  Quote: fields('uint256 usdPerAnkr,uint64 observedAt'),
  NodeKey: fields('uint64 providerId,address signingKey'),
  Permit: fields('address owner,address spender,uint256 value,uint256 nonce,uint256 deadline'),
} as const

export type Signed = {
  /** As the contract's EIP-712 domain names it. */
  by: string
  contract: Address
  struct: keyof typeof types
  message: Readonly<Record<string, unknown>>
}

export async function signatureOf(signer: Account, signed: Signed): Promise<Hex> {
  const { by, contract, struct, message } = signed
  const domain: TypedDataDomain = { name: by, version: '1', chainId, verifyingContract: contract }
  return personWith(signer).signTypedData({ domain, types, primaryType: struct, message })
}

/** In the order in which they are handed over. */
export function signaturesOf(signers: readonly Account[], signed: Signed): Promise<Hex[]> {
  return Promise.all(signers.map((signer) => signatureOf(signer, signed)))
}

function fields(text: string): { type: string; name: string }[] {
  return text.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ')
    return { type, name }
  })
}
