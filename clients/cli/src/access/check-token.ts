import {
  accessRequestData,
  attestationData,
  factsOf,
  signerOf,
} from '@mooring/onchain/access-statements'
import {
  type AccessClaims,
  attestationsText,
  gatewayAudience,
} from '@mooring/protocol/access/claims'
import { accountNameOf, issuerOf, parseDepositName } from '@mooring/protocol/access/names'
import { encodeBytes } from '@mooring/protocol/access/token'
import {
  clockLeewaySeconds,
  type SignedAttestation,
  type TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import { hashTypedData, hexToBytes, sha256, stringToHex } from 'viem'
import { digestOf } from './key-material.ts'
import type { Trust } from './key-set.ts'

export type Answered = {
  claims: AccessClaims
  attestations: readonly SignedAttestation[]
  request: TokenRequest
  /** Of the deposit, as the chain was read here. */
  amount: bigint
}

/**
 * Whether the claims of a token are those that were asked for, and rest on what enough verifiers attest. A token whose
 * signature is good may still be somebody else's.
 *
 * @returns Why it is not good; undefined when it is.
 */
export async function claimsProblem(
  { domain, quorum }: Trust,
  { claims, attestations, request, amount }: Answered,
  nowMs: number,
): Promise<string | undefined> {
  const { chainId, ankrEscrow } = domain
  const deposit = parseDepositName(claims.dep)
  const nowSeconds = nowMs / 1_000
  const jti = encodeBytes(hexToBytes(hashTypedData(accessRequestData(domain, request))))
  if (claims.iss !== issuerOf(chainId, ankrEscrow)) return 'it is of another issuer'
  if (claims.aud !== gatewayAudience) return 'it is not for gateways'
  if (claims.sub !== accountNameOf(chainId, request.account)) return 'it is of another account'
  if (claims.jti !== jti) return 'it is for another request'
  if (deposit?.chainId !== chainId || deposit.transactionHash !== request.transactionHash) {
    return 'it rests on another deposit'
  }
  if (JSON.stringify(claims.cnf) !== JSON.stringify(confirmationOf(request))) {
    return 'it is bound to another key'
  }
  if (claims.iat > nowSeconds + clockLeewaySeconds) return 'it is from the future'
  if (claims.exp <= nowSeconds) return 'it has expired'
  const place = { ...deposit, account: request.account, amount, life: claims.epoch }
  if ((await attestersOf({ domain, quorum }, attestations, place)) < quorum.threshold) {
    return 'too few verifiers attest the deposit as it stands on chain'
  }
  const digest = digestOf(
    sha256(stringToHex(attestationsText(attestations.map(({ signature }) => signature)))),
  )
  return claims.att === digest ? undefined : 'it does not name the attestations that came with it'
}

type Place = {
  transactionHash: string
  logIndex: number
  account: string
  amount: bigint
  life: number
}

/** How many verifiers signed that the deposit is this one. Two of them may see its block final at different moments. */
async function attestersOf(
  { domain, quorum }: Trust,
  attestations: readonly SignedAttestation[],
  place: Place,
): Promise<number> {
  const members = new Set(quorum.members.map((member) => member.toLowerCase()))
  const signers = new Set<string>()
  for (const one of attestations) {
    const isSame =
      one.account.toLowerCase() === place.account.toLowerCase() &&
      one.transactionHash === place.transactionHash &&
      one.logIndex === place.logIndex &&
      one.amount === String(place.amount) &&
      one.life === place.life
    if (!isSame) continue
    const signer = await signerOf(attestationData(domain, factsOf(one)), one.signature)
    const name = signer?.toLowerCase()
    if (name !== undefined && members.has(name)) signers.add(name)
  }
  return signers.size
}

function confirmationOf({ delivery, keyCommitment }: TokenRequest): AccessClaims['cnf'] {
  if (delivery === 'wallet') return undefined
  const digest = digestOf(keyCommitment)
  return delivery === 'key' ? { 'key#S256': digest } : { jkt: digest }
}
