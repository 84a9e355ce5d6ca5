import { decodeBytes } from '@mooring/protocol/access/token'
import {
  type DepositFacts,
  deliveries,
  type GroupJwk,
  type SignedAttestation,
  type SignedRevocation,
  type TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import { type Address, type Hex, recoverTypedDataAddress, toHex } from 'viem'

/**
 * What wallets and verifiers sign about access, as EIP-712 typed data. No contract reads it: services do. All of it
 * is bound to one deployment by its chain and the escrow that takes deposits in ANKR.
 */
export type AccessDomain = { chainId: number; ankrEscrow: Address }

/** Signed by the wallet of an account: the wish for a token that rests on a deposit. */
export function accessRequestData(domain: AccessDomain, request: Omit<TokenRequest, 'signature'>) {
  return {
    domain: domainOf(domain),
    types: {
      AccessRequest: [
        { name: 'account', type: 'address' },
        { name: 'transactionHash', type: 'bytes32' },
        { name: 'logIndex', type: 'uint32' },
        { name: 'keyCommitment', type: 'bytes32' },
        { name: 'delivery', type: 'uint8' },
        { name: 'deliverTo', type: 'bytes32' },
        { name: 'issuedAt', type: 'uint64' },
        { name: 'nonce', type: 'bytes32' },
      ],
    },
    primaryType: 'AccessRequest',
    message: {
      ...request,
      delivery: deliveries[request.delivery],
      issuedAt: BigInt(request.issuedAt),
    },
  } as const
}

/** Signed by a verifier: what it found a deposit to be. */
export function attestationData(domain: AccessDomain, facts: DepositFacts) {
  return {
    domain: domainOf(domain),
    types: {
      DepositAttestation: [
        { name: 'escrow', type: 'address' },
        { name: 'account', type: 'address' },
        { name: 'transactionHash', type: 'bytes32' },
        { name: 'logIndex', type: 'uint32' },
        { name: 'amount', type: 'uint256' },
        { name: 'life', type: 'uint32' },
        { name: 'blockNumber', type: 'uint64' },
        { name: 'blockHash', type: 'bytes32' },
        { name: 'isFinal', type: 'bool' },
      ],
    },
    primaryType: 'DepositAttestation',
    message: { ...facts, amount: BigInt(facts.amount), blockNumber: BigInt(facts.blockNumber) },
  } as const
}

/** Signed by a verifier: a token that must not be taken any more. */
export function revocationData(
  domain: AccessDomain,
  { jti, reason, revokedAt }: Pick<SignedRevocation, 'jti' | 'reason' | 'revokedAt'>,
) {
  return {
    domain: domainOf(domain),
    types: {
      Revocation: [
        { name: 'jti', type: 'string' },
        { name: 'reason', type: 'string' },
        { name: 'revokedAt', type: 'uint64' },
      ],
    },
    primaryType: 'Revocation',
    message: { jti, reason, revokedAt: BigInt(revokedAt) },
  } as const
}

/** Signed by a verifier: a key that the group of verifiers made together, and how long it is used. */
export function groupKeyData(domain: AccessDomain, key: Omit<GroupJwk, 'mooring:signatures'>) {
  const publicKey = decodeBytes(key.x)
  if (publicKey?.length !== 32) throw new Error('the group key is no Ed25519 public key')
  return {
    domain: domainOf(domain),
    types: {
      GroupKey: [
        { name: 'publicKey', type: 'bytes32' },
        { name: 'usedFrom', type: 'uint64' },
        { name: 'usedUntil', type: 'uint64' },
      ],
    },
    primaryType: 'GroupKey',
    message: {
      publicKey: toHex(publicKey),
      usedFrom: BigInt(key['mooring:from']),
      // 0: its end is not known yet.
      usedUntil: BigInt(key['mooring:until'] ?? 0),
    },
  } as const
}

/** Keys that a verifier's messages to other verifiers are signed with and sealed to, as base64url. */
export type ChannelKeys = { sign: string; box: string }

/**
 * Signed by a verifier: its channel keys.
 *
 * @param nonce - Of whoever asks, so that keys of an earlier time are not taken for those of now.
 */
export function channelKeysData(domain: AccessDomain, { sign, box }: ChannelKeys, nonce: string) {
  return {
    domain: domainOf(domain),
    types: {
      ChannelKeys: [
        { name: 'sign', type: 'string' },
        { name: 'box', type: 'string' },
        { name: 'nonce', type: 'string' },
      ],
    },
    primaryType: 'ChannelKeys',
    message: { sign, box, nonce },
  } as const
}

/** Who is believed: the verifiers of a signer set, and how many of them must say the same. */
export type Quorum = { members: readonly Address[]; threshold: number }

/** Whether enough members signed the same typed data; see `countingSignatures`. */
export async function isSignedByQuorum(
  quorum: Quorum,
  data: TypedData,
  signatures: readonly MemberSignature[],
): Promise<boolean> {
  return (await countingSignatures(quorum, data, signatures)).length >= quorum.threshold
}

export type MemberSignature = { verifier: Address; signature: Hex }

/**
 * Those of the signatures that count. One that does not fit, one of somebody else and a second one of the same member
 * count for nothing.
 */
export async function countingSignatures<T extends MemberSignature>(
  { members }: Pick<Quorum, 'members'>,
  data: TypedData,
  signatures: readonly T[],
): Promise<T[]> {
  const known = new Set(members.map((member) => member.toLowerCase()))
  const signers = new Set<string>()
  const counting: T[] = []
  for (const one of signatures) {
    const name = one.verifier.toLowerCase()
    if (!known.has(name) || signers.has(name)) continue
    const signer = await signerOf(data, one.signature)
    if (signer?.toLowerCase() !== name) continue
    signers.add(name)
    counting.push(one)
  }
  return counting
}

/** Who signed; undefined where the signature is none. */
export async function signerOf(data: TypedData, signature: Hex): Promise<Address | undefined> {
  try {
    // The types of viem tie the members of a message to its types; here they are any of the above.
    return await recoverTypedDataAddress({ ...data, signature } as never)
  } catch {
    return undefined
  }
}

/** The attestations of one deposit that say the same; empty when fewer than the threshold do. */
export async function agreeingAttestations(
  domain: AccessDomain,
  quorum: Quorum,
  attestations: readonly SignedAttestation[],
): Promise<SignedAttestation[]> {
  const groups = new Map<string, SignedAttestation[]>()
  for (const one of attestations) {
    const key = factsText(one)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined || group.length < quorum.threshold) continue
    const data = attestationData(domain, factsOf(first))
    const counting = await countingSignatures(quorum, data, group)
    if (counting.length >= quorum.threshold) return counting
  }
  return []
}

export function factsOf(attestation: SignedAttestation): DepositFacts {
  const { verifier: _verifier, signature: _signature, ...facts } = attestation
  return facts
}

type TypedData = ReturnType<
  | typeof accessRequestData
  | typeof attestationData
  | typeof revocationData
  | typeof groupKeyData
  | typeof channelKeysData
>

function factsText(attestation: SignedAttestation): string {
  const facts = factsOf(attestation)
  // Addresses and hashes mean the same in either case.
  return JSON.stringify(Object.entries(facts).sort()).toLowerCase()
}

function domainOf({ chainId, ankrEscrow }: AccessDomain) {
  return { name: 'MooringAccess', version: '1', chainId, verifyingContract: ankrEscrow } as const
}
